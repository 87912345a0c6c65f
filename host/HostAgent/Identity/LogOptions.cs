using System.ComponentModel.DataAnnotations;
using Veil.ServiceDefaults;

namespace Veil.HostAgent.Identity;

/// <summary>
/// Where the authority's log is read. Claims name its newest checkpoint, which proves that they are no older than it, whatever the clock of this guest says. Clients of an authority
/// with a log accept no host without one.
/// </summary>
public sealed class LogOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Log";

    /// <summary>The log or a mirror of it, whose <c>checkpoint</c> is read. Default none, for an authority that keeps no log.</summary>
    [HttpsUrl]
    public Uri? Url { get; init; }

    /// <summary>The authority's trust bundle, as clients have it: the log's key and witnesses, and how long an epoch lasts. Required with <see cref="Url"/>.</summary>
    public string? TrustBundleFile { get; init; }

    /// <summary>Longest wait for the checkpoint. Default 10 s; without it no identity is made, and it is asked for again.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whom to trust for the log's certificate.</summary>
    public OutboundTlsOptions Tls { get; init; } = new();

    /// <summary>Address to connect from, on a machine with several. Default: the system's choice.</summary>
    [IPAddressText]
    public string? LocalAddress { get; init; }
}
