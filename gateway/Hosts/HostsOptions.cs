using System.ComponentModel.DataAnnotations;
using Veil.ServiceDefaults;

namespace Veil.Gateway.Hosts;

/// <summary>How hosts are verified and how this gateway shows itself to them.</summary>
public sealed class HostsOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Hosts";

    /// <summary>
    /// How often each host is verified anew, on a new connection. Default 1 min: a revoked measurement or an expired claim is out of use
    /// after that, and a connection never idles long enough to be closed.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan VerifyEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Wait before a host that could not be reached or verified is tried again. Default 1 s, doubled each time up to <see cref="VerifyEvery"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:05:00")]
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest time to connect and verify. Default 10 s: verified in well under one, and a lost packet of the handshake may be sent again thrice.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a request waits when no host is connected. Default 2 s, enough for one to be verified again.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan WaitForHost { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The client certificate that hosts know this gateway by. TrustedRootsFile has no meaning here: hosts are trusted by their evidence.</summary>
    public OutboundTlsOptions Tls { get; init; } = new();

    /// <summary>Address to connect from, on a machine with several. Default: the system's choice.</summary>
    [IPAddressText]
    public string? LocalAddress { get; init; }

    /// <summary>What counts as a genuine host.</summary>
    public AttestationOptions Attestation { get; init; } = new();
}
