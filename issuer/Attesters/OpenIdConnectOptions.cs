using System.ComponentModel.DataAnnotations;
using Veil.ServiceDefaults;

namespace Veil.Issuer;

/// <summary>An OpenID Connect provider whose signed tokens (ID tokens, or JWT access tokens of RFC 9068) prove an account.</summary>
public sealed class OpenIdConnectOptions
{
    /// <summary>The issuer identifier, exactly as tokens carry it in <c>iss</c>. Discovery is fetched below it. Required, https.</summary>
    [Required, HttpsUrl]
    public Uri? Issuer { get; init; }

    /// <summary>What a token's <c>aud</c> must name: this issuer's client id or resource at the provider. Required; tokens for others are refused.</summary>
    [Required]
    public string? Audience { get; init; }

    /// <summary>
    /// Signature algorithms that are taken. Default RS256, PS256 and ES256; also allowed: their 384 and 512 bit forms. Unsigned tokens and shared secrets (HS*) never are.
    /// </summary>
    public IReadOnlyList<string> Algorithms { get; init; } = [];

    /// <summary>Quota class of accounts without one of their own and without a claim that names one. Default <c>default</c>.</summary>
    [Required]
    public string Class { get; init; } = IssuanceOptions.DefaultClass;

    /// <summary>Claim, text or a list of texts, whose values <see cref="Classes"/> maps, such as <c>groups</c>. Default none.</summary>
    public string? ClassClaim { get; init; }

    /// <summary>Quota class for each value of <see cref="ClassClaim"/>; of several that apply the largest quota counts. Values that are not listed do not matter.</summary>
    public IReadOnlyDictionary<string, string> Classes { get; init; } = new Dictionary<string, string>();

    /// <summary>Only identities that the operator added (<c>accounts add NAME --oidc-subject SUB</c>) draw. Default false: everybody with a token for <see cref="Audience"/> is an account.</summary>
    public bool OnlyAdded { get; init; }

    /// <summary>How far the provider's clock may be off. Default 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How old the provider's keys may be before they are fetched again, while requests go on with the old ones. Default 1 hour, within which a key that the provider withdrew stops.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan RefreshAfter { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// A token that names an unknown key has the keys fetched, but not more often than this, so that forged tokens cannot make this issuer call the provider
    /// again and again. Default 1 minute: a new key of the provider is unknown here for at most that long.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan RefreshAtMostEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long keys are used while the provider cannot be reached; then its accounts are refused with 503. Default 1 day.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan KeepFor { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Longest wait for one document of the provider. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Largest document that is taken from the provider, bytes. Default 256 KiB: large providers need 20.</summary>
    [Range(1_024, 16_777_216)]
    public int MaxDocumentBytes { get; init; } = 256 * 1024;

    /// <summary>Whom to trust when calling the provider. Default: the system's roots.</summary>
    [Required]
    public OutboundTlsOptions Tls { get; init; } = new();

    /// <summary>IP address to call the provider from. Default: the system's choice.</summary>
    [IPAddressText]
    public string? LocalAddress { get; init; }
}
