using System.Collections.Immutable;

namespace Veil.KeyLifecycle;

/// <summary>
/// Keys of one kind with their times: immutable, so that a request works on one ring while the next one is made. Serves keys that are
/// stored (through the key store) and keys that live in memory only (a host's): the caller says how a key is made.
/// </summary>
public sealed class KeyRing<TKey>
    where TKey : class, IDisposable
{
    private readonly ImmutableArray<RingKey<TKey>> _keys;

    /// <param name="keys">In any order; serials differ.</param>
    /// <exception cref="ArgumentException">Two keys have one serial.</exception>
    public KeyRing(IEnumerable<RingKey<TKey>> keys)
    {
        _keys = [.. keys.OrderBy(key => key.Entry.ActiveFrom).ThenBy(key => key.Entry.Serial)];
        Timeline = new KeyTimeline(_keys.Select(key => key.Entry));
    }

    /// <summary>All keys, the earliest takeover first.</summary>
    public ImmutableArray<RingKey<TKey>> Keys => _keys;

    /// <summary>The times of the keys; its entries stand in the order of <see cref="Keys"/>.</summary>
    public KeyTimeline Timeline { get; }

    /// <summary>The keys by their state now.</summary>
    public LiveKeys<TKey> At(RotationSchedule schedule, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        ILookup<KeyState, RingKey<TKey>> states = Enumerable.Range(0, _keys.Length)
            .ToLookup(index => Timeline.StateAt(index, schedule.Grace, now), index => _keys[index]);
        return new LiveKeys<TKey>(
            [.. states[KeyState.Announced]],
            states[KeyState.Active].SingleOrDefault(),
            [.. states[KeyState.Grace].Reverse()],
            Timeline.Plan(schedule, now).NextChange);
    }

    /// <summary>
    /// The ring that the schedule wants now: with the first key if it had none, with a key for the coming epoch when that is due, without
    /// those whose grace is over. The caller disposes what is in <paramref name="removed"/> once no request can hold it.
    /// </summary>
    /// <param name="schedule">When keys come and go.</param>
    /// <param name="now">The time.</param>
    /// <param name="create">Makes the key for an entry.</param>
    /// <param name="removed">Keys that left the ring.</param>
    public KeyRing<TKey> Advance(
        RotationSchedule schedule, DateTimeOffset now, Func<KeyEntry, TKey> create, out ImmutableArray<RingKey<TKey>> removed)
    {
        ArgumentNullException.ThrowIfNull(create);
        KeyPlan plan = Timeline.Plan(schedule, now);
        KeyEntry? entry = _keys.IsEmpty ? Timeline.FirstKey(now) : plan.Create;
        removed = [.. _keys.Where(key => plan.Destroy.Contains(key.Entry))];
        if (entry is null && removed.IsEmpty)
            return this;

        IEnumerable<RingKey<TKey>> kept = _keys.Except(removed);
        return new KeyRing<TKey>(entry is null ? kept : kept.Append(new RingKey<TKey>(entry, create(entry))));
    }
}
