using System.ComponentModel.DataAnnotations;
using Veil.ServiceDefaults;

namespace Veil.Gateway.Tokens;

/// <summary>Whose tokens this gateway takes. Of which type they are follows from the issuer's directory.</summary>
public sealed class TokenOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Tokens";

    /// <summary>The issuer, an https URL without path: its host name goes into the challenge, its directory is read from there. Required where a service asks for tokens.</summary>
    [HttpsUrl]
    public Uri? Issuer { get; init; }

    /// <summary>How often the issuer's directory is read. Default 1 min, so that a newly announced key, or type, is known long before it is used; longer than the issuer's notice, and tokens of a new key are refused until it is read.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan RefreshEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How old the last directory may be before tokens are refused. Default 1 h: past that, a key that the issuer gave up could still pass here.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Whom to trust for the issuer's certificate.</summary>
    public OutboundTlsOptions Tls { get; init; } = new();

    /// <summary>Address to connect from, on a machine with several. Default: the system's choice.</summary>
    [IPAddressText]
    public string? LocalAddress { get; init; }
}
