using System.Collections.Immutable;

namespace Veil.KeyLifecycle;

/// <summary>A ring's keys by their state at one instant.</summary>
/// <param name="Announced">To be published only; the next to take over first.</param>
/// <param name="Active">The key for new work, or null in an empty ring.</param>
/// <param name="Grace">Accepted still; the latest first.</param>
/// <param name="NextChange">Until this instant the states stay as they are, unless somebody changes the ring by hand.</param>
public sealed record LiveKeys<TKey>(
    ImmutableArray<RingKey<TKey>> Announced, RingKey<TKey>? Active, ImmutableArray<RingKey<TKey>> Grace, DateTimeOffset NextChange)
    where TKey : class, IDisposable
{
    /// <summary>The keys that may open or verify what clients present: the active one first, then those in grace.</summary>
    public IEnumerable<RingKey<TKey>> Accepted => Active is null ? Grace : Grace.Prepend(Active);

    /// <summary>Every live key in the order in which documents list them: announced, active, grace.</summary>
    public IEnumerable<RingKey<TKey>> All => Announced.Concat(Accepted);

    /// <summary>True when the same keys stand in the same states.</summary>
    public bool SameAs(LiveKeys<TKey> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Active?.Entry == other.Active?.Entry
            && Announced.Select(key => key.Entry).SequenceEqual(other.Announced.Select(key => key.Entry))
            && Grace.Select(key => key.Entry).SequenceEqual(other.Grace.Select(key => key.Entry));
    }
}
