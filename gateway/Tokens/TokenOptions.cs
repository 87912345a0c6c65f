using System.ComponentModel.DataAnnotations;
using Veil.ServiceDefaults;

namespace Veil.Gateway.Tokens;

/// <summary>Whose tokens this gateway takes.</summary>
public sealed class TokenOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Tokens";

    /// <summary>The issuer, an https URL without path: its host name goes into the challenge, its directory is read from there. Required where a service asks for tokens.</summary>
    [HttpsUrl]
    public Uri? Issuer { get; init; }

    /// <summary>The token type asked for. Default 2, blind RSA of 2048 bits.</summary>
    [Range(1, 65535)]
    public int TokenType { get; init; } = 2;

    /// <summary>How often the issuer's directory is read. Default 1 min, so that a newly announced key is known long before it is used.</summary>
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
