namespace Veil.KeyLifecycle;

/// <summary>What is known of a key besides its material. Times are cut to whole seconds, as published documents carry them.</summary>
public sealed record KeyEntry
{
    /// <param name="serial">1 for the ring's first key, then one more for each; never used twice.</param>
    /// <param name="announcedAt">When the key was made and published.</param>
    /// <param name="activeFrom">When the key takes over from its predecessor.</param>
    public KeyEntry(ulong serial, DateTimeOffset announcedAt, DateTimeOffset activeFrom)
    {
        ArgumentOutOfRangeException.ThrowIfZero(serial);
        Serial = serial;
        AnnouncedAt = WholeSeconds(announcedAt);
        ActiveFrom = WholeSeconds(activeFrom);
    }

    /// <summary>The key's number in its ring.</summary>
    public ulong Serial { get; }

    /// <summary>When the key was made and published.</summary>
    public DateTimeOffset AnnouncedAt { get; }

    /// <summary>When the key takes over from its predecessor.</summary>
    public DateTimeOffset ActiveFrom { get; }

    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
}
