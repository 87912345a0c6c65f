using System.ComponentModel.DataAnnotations;
using Veil.ServiceDefaults;

namespace Veil.Gateway.Redemption;

/// <summary>How this gateway spends tokens at the issuer.</summary>
public sealed class RedemptionOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Redemption";

    /// <summary>The issuer's redemption endpoint, https only. Required where a service asks for tokens.</summary>
    [HttpsUrl]
    public Uri? Endpoint { get; init; }

    /// <summary>Whom to trust for the issuer's certificate, and the client certificate that the issuer knows this gateway by.</summary>
    public OutboundTlsOptions Tls { get; init; } = new();

    /// <summary>Address to connect from, on a machine with several. Default: the system's choice.</summary>
    [IPAddressText]
    public string? LocalAddress { get; init; }

    /// <summary>File with the bearer secret that the issuer knows this gateway by; white space around it is ignored. Without it a client certificate in Tls is needed.</summary>
    [BearerSecretFile]
    public string? SecretFile { get; init; }

    /// <summary>
    /// Longest wait for a verdict, retries included. Default 5 s, in which an issuer that was restarted is back. When it runs out the request is refused
    /// and the token may count as spent.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest wait for one call of the issuer, after which it is repeated with the same ids. Default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long an issuer that refused this gateway (401, 403, 404 and the like: something is configured wrongly) is left alone. Default 5 s, in which requests
    /// are refused at once; what was put right is noticed as soon.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan RefusalPause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Most tokens in one call. Default 200: the issuer takes 1,000, and smaller calls answer sooner. At least <see cref="Attestation.ServicePrice.TokensLimit"/>, so that the
    /// tokens of one request fit.
    /// </summary>
    [Range(32, 1000)]
    public int BatchSize { get; init; } = 200;

    /// <summary>Calls in flight at once. Default 2: while one is on the way the next one fills.</summary>
    [Range(1, 32)]
    public int Lanes { get; init; } = 2;

    /// <summary>Tokens that may wait for a verdict. Default 20,000; beyond it requests are refused at once instead of waiting for nothing.</summary>
    [Range(1, 1_000_000)]
    public int MaxWaiting { get; init; } = 20_000;
}
