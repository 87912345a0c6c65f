namespace Veil.Issuer;

/// <summary>How an account proves itself.</summary>
public enum AttesterKind
{
    /// <summary>By a key that the issuer gave it.</summary>
    ApiKey,

    /// <summary>By a token of an OpenID Connect provider.</summary>
    OpenIdConnect,

    /// <summary>By a TLS client certificate.</summary>
    Certificate,
}
