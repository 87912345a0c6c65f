using System.ComponentModel.DataAnnotations;
using Veil.ServiceDefaults;

namespace Veil.Gateway.Epochs;

/// <summary>How this gateway publishes what its clients rely on: one head an epoch, in the authority's log.</summary>
public sealed class EpochOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Epochs";

    /// <summary>
    /// The trust bundle that clients have: it names the log and its witnesses, and says when epochs begin. Without it this gateway publishes no head, and only
    /// clients without a bundle of their own can use it.
    /// </summary>
    [ReadableFile]
    public string? TrustBundleFile { get; init; }

    /// <summary>File with the authority's signing key, whose public half the bundle names. Required with a bundle.</summary>
    [ReadableFile]
    public string? AuthorityKeyFile { get; init; }

    /// <summary>The log's own end point that takes entries, https only. Required with a bundle.</summary>
    [HttpsUrl]
    public Uri? Log { get; init; }

    /// <summary>File with the bearer secret that the log knows this gateway by; white space around it is ignored. Without it a client certificate in Tls is needed.</summary>
    [BearerSecretFile]
    public string? LogSecretFile { get; init; }

    /// <summary>Whom to trust for the log's certificate, and the client certificate that the log knows this gateway by.</summary>
    public OutboundTlsOptions Tls { get; init; } = new();

    /// <summary>Address to connect from, on a machine with several. Default: the system's choice.</summary>
    [IPAddressText]
    public string? LocalAddress { get; init; }

    /// <summary>Folder where the documents that heads name are kept. Required with a bundle; clients need those of earlier epochs, so it must outlive the process.</summary>
    public string? Directory { get; init; }

    /// <summary>Folder with the signed releases, one file each, all of which the next head names: a file that is taken out is a release that is revoked. Required with a bundle.</summary>
    public string? ReleasesDirectory { get; init; }

    /// <summary>
    /// May publish heads. Default true: of the replicas that share a folder, the one that holds the lease does, and the others serve what it publishes. False for a replica
    /// that must never.
    /// </summary>
    public bool IsPublisher { get; init; } = true;

    /// <summary>
    /// How long after an epoch has begun its head is made. Default 1 s, and never more than a tenth of an epoch: a witness whose clock is behind by less does not date the head
    /// before its epoch, which clients would refuse until the next.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan PublishAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long into an epoch the other replicas wait for the one that published the last head. Default 5 s, and never more than a quarter of an epoch: clients take the head
    /// before meanwhile.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan TakeOverAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest wait for one call of the log, its witnesses included. Default 10 s: a few round trips; then it is tried again.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long after a start a head waits for every service to have a verified host. Default 30 s; then it names those that there are, and clients of the others wait for the next.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan WaitForHosts { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long the head after a pause waits for hosts that name no checkpoint of it which is young enough. Default 90 s; at most half an epoch, and not into the last fifth of one. They look at the log every 5 s, make new
    /// claims, and are verified again within Hosts:VerifyEvery. The head then names those that there are.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan WaitForClaims { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>Pause after a publication that failed. Default 500 ms: clients take the head before for one more epoch, so that there is time for a few hundred tries.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:05:00")]
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromMilliseconds(500);
}
