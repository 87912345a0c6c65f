using System.Collections.Immutable;

namespace Veil.KeyLifecycle;

/// <summary>
/// The keys of one ring on the line of time. A state is never stored: it follows from the takeover times and <c>now</c>, so every
/// replica and every restart sees the same. The newest key whose time has come stays active until a successor takes over, however
/// late that is: after an outage clients keep the key that they know instead of meeting one that nobody announced.
/// </summary>
public sealed class KeyTimeline
{
    private readonly ImmutableArray<KeyEntry> _entries;

    /// <param name="entries">In any order; serials differ.</param>
    /// <exception cref="ArgumentException">Two entries have one serial.</exception>
    public KeyTimeline(IEnumerable<KeyEntry> entries)
    {
        _entries = [.. entries.OrderBy(entry => entry.ActiveFrom).ThenBy(entry => entry.Serial)];
        if (_entries.DistinctBy(entry => entry.Serial).Count() != _entries.Length)
            throw new ArgumentException("Two keys have the same serial.", nameof(entries));
    }

    /// <summary>A ring that has no key yet.</summary>
    public static KeyTimeline Empty { get; } = new([]);

    /// <summary>All keys, the earliest takeover first.</summary>
    public ImmutableArray<KeyEntry> Entries => _entries;

    /// <summary>The serial that the next key gets.</summary>
    public ulong NextSerial => _entries.IsEmpty ? 1 : _entries.Max(entry => entry.Serial) + 1;

    /// <summary>The state of the key at <paramref name="index"/> of <see cref="Entries"/>.</summary>
    public KeyState StateAt(int index, TimeSpan grace, DateTimeOffset now)
    {
        if (_entries[index].ActiveFrom > now)
            return KeyState.Announced;
        if (index == _entries.Length - 1 || _entries[index + 1].ActiveFrom > now)
            return KeyState.Active;
        return now < _entries[index + 1].ActiveFrom + grace ? KeyState.Grace : KeyState.Destroyed;
    }

    /// <summary>What is to be done now to follow the schedule. An empty ring plans nothing: its first key is a decision, see <see cref="FirstKey"/>.</summary>
    public KeyPlan Plan(RotationSchedule schedule, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        ImmutableArray<KeyEntry> destroy = [.. In(KeyState.Destroyed, schedule.Grace, now)];
        bool due = !_entries.IsEmpty
            && !In(KeyState.Announced, schedule.Grace, now).Any()
            && _entries.Length - destroy.Length < RotationSchedule.MaxLive
            && schedule.NextAnnouncement(now) <= now;
        KeyEntry? create = due ? new KeyEntry(NextSerial, now, schedule.NextTakeover(now)) : null;
        return new KeyPlan(create, destroy, NextChange(schedule, now));
    }

    /// <summary>The entry for a ring's first key: active at once, since there is nobody yet to whom it could be announced.</summary>
    /// <exception cref="InvalidOperationException">The ring has a key.</exception>
    public KeyEntry FirstKey(DateTimeOffset now) =>
        _entries.IsEmpty ? new KeyEntry(1, now, now) : throw new InvalidOperationException("This ring has its first key already.");

    /// <summary>
    /// The entry that takes over now, ahead of the schedule: the announced key where there is one (same serial, earlier takeover), else a new one.
    /// Null when that would make more than <see cref="RotationSchedule.MaxLive"/> live keys.
    /// </summary>
    public KeyEntry? Takeover(RotationSchedule schedule, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        if (In(KeyState.Announced, schedule.Grace, now).FirstOrDefault() is { } announced)
            return new KeyEntry(announced.Serial, announced.AnnouncedAt, now);

        int live = _entries.Length - In(KeyState.Destroyed, schedule.Grace, now).Count();
        return live < RotationSchedule.MaxLive ? new KeyEntry(NextSerial, now, now) : null;
    }

    private IEnumerable<KeyEntry> In(KeyState state, TimeSpan grace, DateTimeOffset now) =>
        _entries.Where((_, index) => StateAt(index, grace, now) == state);

    private DateTimeOffset NextChange(RotationSchedule schedule, DateTimeOffset now)
    {
        IEnumerable<DateTimeOffset> instants = _entries
            .SelectMany(entry => new[] { entry.ActiveFrom, entry.ActiveFrom + schedule.Grace })
            .Append(schedule.NextAnnouncement(now))
            .Append(schedule.Epochs.StartOf(schedule.Epochs.EpochAt(now) + 1));
        return instants.Where(instant => instant > now).Min();
    }
}
