using System.ComponentModel.DataAnnotations;
using Veil.KeyStore;

namespace Veil.Gateway.Keys;

/// <summary>Where the OHTTP keys lie and when they change.</summary>
public sealed class OhttpKeyOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Keys";

    /// <summary>The wrapped keys: folder or database, and one source of the wrapping key.</summary>
    public KeyStoreOptions Store { get; init; } = new();

    /// <summary>Make and destroy keys by the schedule. Default true; false for a replica that receives its keys from the one that does.</summary>
    public bool IsWriter { get; init; } = true;

    /// <summary>KEM of new keys: 32 for X25519, 16 for P-256. Default 32.</summary>
    [AllowedValues(16, 32, ErrorMessage = "32 (X25519) or 16 (P-256)")]
    public int Kem { get; init; } = 32;

    /// <summary>How long a key is used. Default 1 day: what was recorded before cannot be opened once its key is destroyed.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "30.00:00:00")]
    public TimeSpan EpochLength { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long before its use a key is made, so that replicas have it in time. Default 1 h, at most the epoch.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan Notice { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// How long a key is accepted after the next one took over. Default 2 h, at least <see cref="Overlap"/>, at most the epoch: a client may take the key at
    /// the overlap's end and use its view for an hour.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan Grace { get; init; } = TimeSpan.FromHours(2);

    /// <summary>
    /// How long after a takeover the signed view holds the configurations before it too, so that a mirror which still shows them agrees. Default 5 min, at
    /// most <see cref="Grace"/>: a relay fetches every minute and lets its answer be kept for a minute, which leaves room for fetches that fail. Shorter than a
    /// relay's refresh and caching together, and its clients refuse the mirror at every takeover.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan Overlap { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often the stored keys are looked at. Default 10 s; a change made by another process is in force after that.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(10);
}
