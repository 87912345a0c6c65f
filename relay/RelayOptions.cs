using System.ComponentModel.DataAnnotations;

namespace Veil.Relay;

/// <summary>Which gateways this relay serves, and what one stranger may use of it.</summary>
public sealed class RelayOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Relay";

    /// <summary>The gateways by the name that stands in the path: <c>POST /{name}</c>. Nothing else is reachable. At least one.</summary>
    [MinLength(1, ErrorMessage = "at least one gateway, such as Relay:Gateways:example:Url")]
    public Dictionary<string, GatewayOptions> Gateways { get; init; } = [];

    /// <summary>Largest <c>message/ohttp-req</c>, bytes. It is held whole. Default 1 MiB: a long conversation fits, an upload belongs in a chunked request.</summary>
    [Range(1_024, 16_777_216)]
    public int MaxRequestBytes { get; init; } = 1024 * 1024;

    /// <summary>
    /// How long a <c>message/ohttp-req</c> may take to arrive whole. Default 30 s: the largest one then needs 35 KB/s, an ordinary one a twentieth of
    /// that, and whoever drips bytes holds a place no longer.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What may have arrived of all held requests together, bytes. Default 256 MiB, a quarter of it in use when 1,000 requests of 64 KiB are; beyond it the relay answers 503.</summary>
    [Range(1_048_576L, 1L << 40)]
    public long MaxBufferedBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>Largest <c>message/ohttp-chunked-req</c>, bytes. Default 1 GiB, the draft's example bound for AES-128-GCM; it streams and is never held.</summary>
    [Range(1_024L, 1L << 40)]
    public long MaxChunkedRequestBytes { get; init; } = 1L << 30;

    /// <summary>Requests at once to all gateways. Default 1,000, some 100 MB of connection and copy buffers; beyond it the relay answers 503.</summary>
    [Range(1, 1_000_000)]
    public int MaxConcurrentRequests { get; init; } = 1_000;

    /// <summary>
    /// Requests at once of one address (IPv6: one /64); beyond it the relay answers 429. Default 64: a busy program sends 32 at once, and sixteen
    /// addresses are needed to fill the relay's default of 1,000.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxConcurrentRequestsPerAddress { get; init; } = 64;

    /// <summary>
    /// How long an exchange may pass no byte in either direction. Default 6 minutes, one more than a gateway waits for an answer by default: a model may
    /// think long before its first word, and when it thinks too long the client gets the gateway's refusal and not the relay's.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(6);

    /// <summary>How long an exchange may take as a whole. Default 15 minutes: longer than one answer streams, and a bound on what a place can be held for.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan MaxDuration { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Requests a second that one address (IPv6: one /64) may sustain. Default 50: many people share one address behind a carrier's NAT.</summary>
    [Range(1, 100_000)]
    public int RequestsPerSecond { get; init; } = 50;

    /// <summary>Requests that one address may send at once after a pause. Default 500, ten seconds' worth.</summary>
    [Range(1, 1_000_000)]
    public int Burst { get; init; } = 500;

    /// <summary>Addresses remembered for the rate limit, a power of two. Default 65,536, 1.5 MiB of memory; when more come at once some share a budget.</summary>
    [Range(8, 16_777_216)]
    public int AddressSlots { get; init; } = 65_536;

    /// <summary>How often a gateway's keys and epoch are fetched for <c>GET /{name}</c>. Default 1 minute: gateways vouch for the keys before a takeover for a while longer (5 minutes unless set), caches included.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan MirrorRefresh { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Oldest copy of keys or epoch that is still given out while the gateway cannot be reached. Default 1 hour, which an outage may take and no rotation is shorter than; older ones are refused with 503.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan MirrorStaleLimit { get; init; } = TimeSpan.FromHours(1);
}
