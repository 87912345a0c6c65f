using System.ComponentModel.DataAnnotations;
using Veil.KeyLifecycle;
using Veil.KeyStore;

namespace Veil.Issuer;

/// <summary>The issuer's token keys: where they lie, and when one follows the other.</summary>
public sealed class IssuerKeyOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Keys";

    /// <summary>Folder or database, and wrapping key.</summary>
    [Required]
    public KeyStoreOptions Store { get; init; } = new();

    /// <summary>
    /// Type of the keys that are made from now on: 1 (VOPRF, P-384), 2 (blind RSA, 2048 bits) or 5 (VOPRF, ristretto255; needs libsodium). Default 2, which gateways
    /// can check by themselves. A change takes effect with the next key that the ring makes, announced like every key; tokens of the other type are redeemed
    /// while their key lives.
    /// </summary>
    public int TokenType { get; init; } = 2;

    /// <summary>How long a key is used. Default 7 days: a quota counts per key, and each live key is a crowd that its tokens hide in.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "366.00:00:00")]
    public TimeSpan EpochLength { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long before its use a key is published. Default 2 days, so that everybody can compare what they were shown; at most an epoch.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "366.00:00:00")]
    public TimeSpan Notice { get; init; } = TimeSpan.FromDays(2);

    /// <summary>How long tokens stay good after their key was followed by another. Default 7 days; at most an epoch.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "366.00:00:00")]
    public TimeSpan Grace { get; init; } = TimeSpan.FromDays(7);

    /// <summary>
    /// How long a copy of the directory may be cached, and therefore how long tokens are still issued under the key that it lists as current after another took over.
    /// Default 1 hour: a client that refetches on every draw gains nothing.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "7.00:00:00")]
    public TimeSpan DirectoryMaxAge { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The schedule; epochs count from the Unix epoch, so that replicas agree.</summary>
    internal RotationSchedule Schedule() => new(new EpochSchedule(DateTimeOffset.UnixEpoch, EpochLength), Notice, Grace);
}
