namespace Veil.PrivacyPass;

/// <summary>Media types of issuance (RFC 9578 section 8).</summary>
public static class PrivacyPassMediaTypes
{
    /// <summary>A client's TokenRequest.</summary>
    public const string TokenRequest = "application/private-token-request";

    /// <summary>The issuer's TokenResponse.</summary>
    public const string TokenResponse = "application/private-token-response";

    /// <summary>The issuer's directory.</summary>
    public const string IssuerDirectory = "application/private-token-issuer-directory";
}
