namespace Veil.Issuer;

/// <summary>Who may draw tokens, and how they prove it. Several kinds may be on at once.</summary>
public sealed class AttesterOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Attesters";

    /// <summary>Accounts with an API key, made by <c>veil-issuer accounts add</c>. Default true; without it such keys are refused.</summary>
    public bool ApiKey { get; init; } = true;

    /// <summary>OpenID Connect providers whose tokens are taken as <c>Authorization: Bearer</c>. Default none.</summary>
    public IReadOnlyList<OpenIdConnectOptions> OpenIdConnect { get; init; } = [];

    /// <summary>TLS client certificates. Default none: then no client is asked for one, unless a gateway has one.</summary>
    public CertificateOptions? Certificate { get; init; }
}
