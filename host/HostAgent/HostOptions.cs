using System.ComponentModel.DataAnnotations;
using Veil.ServiceDefaults;

namespace Veil.HostAgent;

/// <summary>What this host serves, to whom, and how much of it.</summary>
public sealed class HostOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Host";

    /// <summary>The authority that this host answers for, such as <c>chat.example</c>. It stands in the claims; requests for another are refused.</summary>
    [Required]
    [RegularExpression("[!-~]{1,255}", ErrorMessage = "an authority of at most 255 visible ASCII characters, such as chat.example")]
    public string? Service { get; init; }

    /// <summary>Where the workload listens: plain HTTP on a loopback address, since everything beyond this guest is outside the TEE.</summary>
    [Required]
    [LoopbackUrl]
    public Uri? Workload { get; init; }

    /// <summary>The gateways whose requests are taken. A connection without one of their certificates fails its handshake.</summary>
    [MinLength(1, ErrorMessage = "at least one gateway")]
    public IReadOnlyList<GatewayPin> Gateways { get; init; } = [];

    /// <summary>
    /// How long a key epoch lasts; keys, evidence and certificate are renewed with it. Default 6 h: claims live for two epochs and the grace at most,
    /// which stays below the day that a policy accepts by default.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:10", "12:00:00")]
    public TimeSpan EpochLength { get; init; } = TimeSpan.FromHours(6);

    /// <summary>How long before its epoch a key is made, so that a slow TEE delays nobody. Default 5 min, at most an epoch.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "12:00:00")]
    public TimeSpan EpochNotice { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long an epoch's key is kept after the next one took over. Default 10 min, at most an epoch: longer than a request lasts.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "12:00:00")]
    public TimeSpan EpochGrace { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Longest request body in bytes, taken as it streams and never held. Default 256 MiB: a long conversation with its images, not a data set.</summary>
    [Range(0, long.MaxValue)]
    public long MaxRequestBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>Requests in the workload at once; more get 503 at once. Default 64: what one accelerator batches, and a bound on memory.</summary>
    [Range(1, 100_000)]
    public int MaxConcurrentRequests { get; init; } = 64;

    /// <summary>Longest wait for the workload to accept a connection. Default 2 s: it is on the same machine.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest time from one piece of a body to the next, in either direction, and to the answer's head. Default 2 min: a model may think before its first word.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Fields of a request that reach the workload besides the built-in ones (content and its negotiation), lower case.</summary>
    public IReadOnlyList<string> RequestFields { get; init; } = [];

    /// <summary>Fields of an answer that reach the gateway besides the built-in ones, lower case.</summary>
    public IReadOnlyList<string> ResponseFields { get; init; } = [];
}
