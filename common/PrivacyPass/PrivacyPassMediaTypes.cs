namespace Veil.PrivacyPass;

/// <summary>Media types of issuance (RFC 9578 section 8, draft-ietf-privacypass-batched-tokens).</summary>
public static class PrivacyPassMediaTypes
{
    /// <summary>A client's TokenRequest.</summary>
    public const string TokenRequest = "application/private-token-request";

    /// <summary>The issuer's TokenResponse.</summary>
    public const string TokenResponse = "application/private-token-response";

    /// <summary>A client's batch for one key, answered with one proof.</summary>
    public const string AmortizedBatchRequest = "application/private-token-amortized-batch-request";

    /// <summary>The issuer's answer to <see cref="AmortizedBatchRequest"/>.</summary>
    public const string AmortizedBatchResponse = "application/private-token-amortized-batch-response";

    /// <summary>A client's batch of any TokenRequests.</summary>
    public const string GenericBatchRequest = "application/private-token-generic-batch-request";

    /// <summary>The issuer's answer to <see cref="GenericBatchRequest"/>.</summary>
    public const string GenericBatchResponse = "application/private-token-generic-batch-response";

    /// <summary>The issuer's directory.</summary>
    public const string IssuerDirectory = "application/private-token-issuer-directory";
}
