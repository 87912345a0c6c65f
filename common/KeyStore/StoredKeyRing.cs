using System.Collections.Immutable;
using System.Security.Cryptography;
using Veil.KeyLifecycle;

namespace Veil.KeyStore;

/// <summary>
/// A ring whose keys lie in a <see cref="KeyStorage"/>. <see cref="Live"/> is read by any thread at any time; one caller refreshes it, at start
/// and then on a timer, and so follows the schedule and whatever another process changed there. A key that left the ring is disposed by
/// the refresh after the one that published the ring without it, so that a request which took it a moment before can finish.
/// </summary>
public sealed class StoredKeyRing<TKey> : IDisposable
    where TKey : class, IDisposable
{
    private readonly KeyStorage _storage;
    private readonly RotationSchedule _schedule;
    private readonly IKeyFactory<TKey> _factory;
    private readonly List<RingKey<TKey>> _removed = [];
    private readonly List<RingKey<TKey>> _withdrawn = [];
    private KeyRing<TKey> _ring = new([]);
    private volatile LiveKeys<TKey> _live;

    /// <param name="storage">The keys at rest; the ring disposes it.</param>
    /// <param name="schedule">When keys come and go.</param>
    /// <param name="factory">Makes keys.</param>
    public StoredKeyRing(KeyStorage storage, RotationSchedule schedule, IKeyFactory<TKey> factory)
    {
        ArgumentNullException.ThrowIfNull(storage);
        ArgumentNullException.ThrowIfNull(schedule);
        ArgumentNullException.ThrowIfNull(factory);
        _storage = storage;
        _schedule = schedule;
        _factory = factory;
        _live = _ring.At(schedule, DateTimeOffset.MinValue.AddYears(1));
    }

    /// <summary>The keys by state, as of the last refresh.</summary>
    public LiveKeys<TKey> Live => _live;

    /// <summary>Makes the first key of an empty ring, active at once. Call <see cref="Refresh"/> afterwards.</summary>
    /// <exception cref="KeyStoreException">The ring has a key already.</exception>
    public KeyEntry CreateFirst(DateTimeOffset now) => _storage.Locked(() =>
    {
        var timeline = new KeyTimeline(_storage.List());
        if (!timeline.Entries.IsEmpty)
            throw new KeyStoreException("This ring has its first key already.");

        KeyEntry entry = timeline.FirstKey(now);
        Generate(entry, []);
        return entry;
    });

    /// <summary>Makes the first key where the ring is empty; of several replicas that start at once, one does. Call <see cref="Refresh"/> afterwards.</summary>
    /// <exception cref="KeyStoreException">The place cannot be used.</exception>
    public void EnsureFirst(DateTimeOffset now) => _storage.Locked(() =>
    {
        var timeline = new KeyTimeline(_storage.List());
        if (timeline.Entries.IsEmpty)
            Generate(timeline.FirstKey(now), []);
        return true;
    });

    /// <summary>Lets another key take over now: the announced one where there is one, else a new one.</summary>
    /// <exception cref="KeyStoreException">The ring is empty, or as many keys are live as may be.</exception>
    public KeyEntry Rotate(DateTimeOffset now) => _storage.Locked(() =>
    {
        Reload();
        if (_ring.Keys.IsEmpty)
            throw new KeyStoreException("This ring has no key yet.");

        KeyEntry entry = _ring.Timeline.Takeover(_schedule, now)
            ?? throw new KeyStoreException($"{RotationSchedule.MaxLive} keys are live, which is the most there may be: wait until the oldest leaves its grace, or retire it.");
        if (_ring.Timeline.Entries.Any(known => known.Serial == entry.Serial))
            _storage.Reschedule(entry);
        else
            Generate(entry, Keys());
        return entry;
    });

    /// <summary>Destroys a key at once: nothing made under it is accepted from the next refresh on.</summary>
    /// <exception cref="KeyStoreException">There is no such key, or it is the active one.</exception>
    public void Retire(ulong serial, DateTimeOffset now) => _storage.Locked(() =>
    {
        var timeline = new KeyTimeline(_storage.List());
        int index = timeline.Entries.ToList().FindIndex(entry => entry.Serial == serial);
        if (index < 0)
            throw new KeyStoreException($"There is no key {serial}.");
        if (timeline.StateAt(index, _schedule.Grace, now) is KeyState.Active)
            throw new KeyStoreException($"Key {serial} is active: let another one take over first.");

        // A key's grace is reckoned from its successor: without this one, an older one would live until the grace of the next.
        if (index > 0 && timeline.StateAt(index, _schedule.Grace, now) is KeyState.Grace && timeline.StateAt(index - 1, _schedule.Grace, now) is KeyState.Grace)
            throw new KeyStoreException($"Key {timeline.Entries[index - 1].Serial} is older and in its grace: retire that one first.");

        _storage.Destroy(serial);
        return true;
    });

    /// <summary>
    /// Reads what changed at rest, does what the schedule asks for, and publishes the states of now.
    /// True when a key or a state changed. An empty place is an empty ring: see <see cref="CreateFirst"/>.
    /// </summary>
    /// <param name="now">The time.</param>
    /// <param name="mayCreate">False for a replica that only receives keys: it neither makes nor destroys any.</param>
    /// <exception cref="KeyStoreException">The place or a key in it cannot be used; the ring stays as it was.</exception>
    public bool Refresh(DateTimeOffset now, bool mayCreate = true)
    {
        Dispose(_withdrawn);
        Reload();
        KeyPlan plan = _ring.Timeline.Plan(_schedule, now);
        if (mayCreate && (plan.Create is not null || !plan.Destroy.IsEmpty))
        {
            _storage.Locked(() => Follow(now));
            Reload();
        }

        LiveKeys<TKey> live = _ring.At(_schedule, now);
        bool changed = !live.SameAs(_live);
        _live = live;
        _withdrawn.AddRange(_removed);
        _removed.Clear();
        return changed;
    }

    /// <summary>Disposes every key, and the storage.</summary>
    public void Dispose()
    {
        _storage.Dispose();
        Dispose(_withdrawn);
        Dispose(_removed);
        Dispose([.. _ring.Keys]);
        _ring = new KeyRing<TKey>([]);
    }

    private bool Follow(DateTimeOffset now)
    {
        Reload();
        KeyPlan plan = _ring.Timeline.Plan(_schedule, now);
        if (plan.Create is not null)
            Generate(plan.Create, Keys());
        foreach (KeyEntry entry in plan.Destroy)
        {
            _storage.Destroy(entry.Serial);
        }

        return true;
    }

    private void Generate(KeyEntry entry, IReadOnlyCollection<TKey> live)
    {
        byte[] material = _factory.Generate(entry, live);
        try
        {
            _storage.Write(entry, material);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(material);
        }
    }

    /// <summary>The ring as it is at rest. A key that is loaded already keeps its object when only its takeover moved.</summary>
    private void Reload()
    {
        IReadOnlyList<KeyEntry> entries = _storage.List();
        if (entries.SequenceEqual(_ring.Keys.Select(key => key.Entry).OrderBy(entry => entry.Serial)))
            return;

        var loaded = _ring.Keys.ToDictionary(key => (key.Entry.Serial, key.Entry.AnnouncedAt));
        ImmutableArray<RingKey<TKey>> keys = [.. entries.Select(entry => Load(entry, loaded))];
        _removed.AddRange(_ring.Keys.Where(old => !keys.Any(key => ReferenceEquals(key.Key, old.Key))));
        _ring = new KeyRing<TKey>(keys);
    }

    private RingKey<TKey> Load(KeyEntry entry, Dictionary<(ulong Serial, DateTimeOffset AnnouncedAt), RingKey<TKey>> loaded)
    {
        if (!loaded.TryGetValue((entry.Serial, entry.AnnouncedAt), out RingKey<TKey>? key))
            return new RingKey<TKey>(entry, _storage.Read(entry, _factory));
        if (key.Entry == entry)
            return key;

        _storage.Authenticate(entry);
        return key with { Entry = entry };
    }

    private List<TKey> Keys() => [.. _ring.Keys.Select(key => key.Key)];

    private static void Dispose(List<RingKey<TKey>> keys)
    {
        foreach (RingKey<TKey> key in keys)
        {
            key.Key.Dispose();
        }

        keys.Clear();
    }
}
