using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Veil.KeyLifecycle;

namespace Veil.HostAgent.Identity;

/// <summary>
/// This host's identities in their ring, in memory only: one is made a notice before each epoch and replaces its predecessor when the epoch
/// begins, while connections that are open keep theirs. Where the log stood still when one was made, it is made anew once the log goes on: clients may take its evidence for old.
/// </summary>
public sealed class IdentityRing : IDisposable
{
    /// <summary>How often a log that stands still is looked at: a small file, and a fleet that clients refuse until then.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);

    private readonly Func<IAttester> _attester;
    private readonly Func<LogSight?> _log;
    private readonly TimeProvider _clock;
    private readonly string _service;
    private readonly RotationSchedule _schedule;
    private KeyRing<HostIdentity> _ring = new([]);
    private readonly List<(HostIdentity Identity, DateTimeOffset EraseAt)> _replaced = [];
    private long? _stoodStillAt;

    /// <summary>An empty ring; <see cref="Advance"/> fills it.</summary>
    /// <param name="attester">Opens the TEE; called when there is an identity to make, after the settings have been found good.</param>
    /// <param name="log">Looks at the log; null where there is none.</param>
    /// <param name="options">Service and epochs.</param>
    /// <param name="clock">The time.</param>
    public IdentityRing(Func<IAttester> attester, Func<LogSight?> log, IOptions<HostOptions> options, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(options);
        _attester = attester;
        _log = log;
        _clock = clock;
        _service = options.Value.Service!;
        _schedule = new(new EpochSchedule(DateTimeOffset.UnixEpoch, options.Value.EpochLength), options.Value.EpochNotice, options.Value.EpochGrace);
    }

    /// <summary>The identity for new connections.</summary>
    /// <exception cref="InvalidOperationException">The ring was never advanced.</exception>
    public HostIdentity Active => TryGetActive() ?? throw new InvalidOperationException("This host has no identity yet.");

    /// <summary>True when there is an identity and its claims hold.</summary>
    public bool IsReady => Volatile.Read(ref _ring).At(_schedule, _clock.GetUtcNow()).Active is { } active && PeriodOf(active.Entry).NotAfter > _clock.GetUtcNow();

    /// <summary>True when the newest claims name a checkpoint of a log that stood still.</summary>
    public bool StoodStill => _stoodStillAt is not null;

    /// <summary>Makes and drops identities as the schedule wants it now.</summary>
    /// <returns>When to come again.</returns>
    /// <exception cref="AttesterException">The TEE or the log did not answer; the ring is as before.</exception>
    public DateTimeOffset Advance()
    {
        DateTimeOffset now = _clock.GetUtcNow();
        EraseReplaced(now);
        EraseOver(now);
        bool hasGoneOn = _stoodStillAt is { } size && _log() is { } seen && seen.Checkpoint.Size > size && seen.NewestUntil >= now;
        if (hasGoneOn)
        {
            // Connections that are open keep what is replaced, for as long as they would keep what its successor took over from.
            KeyRing<HostIdentity> renewed = new KeyRing<HostIdentity>([]).Advance(_schedule, now, Create, out _);
            _replaced.AddRange(_ring.Keys.Select(key => (key.Key, now + _schedule.Grace)));
            Volatile.Write(ref _ring, renewed);
        }
        else
        {
            Volatile.Write(ref _ring, _ring.Advance(_schedule, now, Create, out _));
        }

        return new[] { _ring.At(_schedule, now).NextChange, EraseReplaced(now), StoodStill ? now + LookAgain : DateTimeOffset.MaxValue }.Min();
    }

    /// <summary>Erases all keys.</summary>
    public void Dispose()
    {
        foreach (RingKey<HostIdentity> key in _ring.Keys)
            key.Key.Dispose();
        EraseReplaced(DateTimeOffset.MaxValue);
    }

    /// <summary>Erases the keys whose grace is over, whether or not the TEE and the log answer for the next.</summary>
    private void EraseOver(DateTimeOffset now)
    {
        ImmutableArray<KeyEntry> over = _ring.Timeline.Plan(_schedule, now).Destroy;
        if (over.IsEmpty)
            return;
        KeyRing<HostIdentity> ring = _ring;
        Volatile.Write(ref _ring, new KeyRing<HostIdentity>(ring.Keys.Where(key => !over.Contains(key.Entry))));
        foreach (RingKey<HostIdentity> key in ring.Keys.Where(key => over.Contains(key.Entry)))
            key.Key.Dispose();
    }

    /// <summary>Erases what was replaced long enough ago, and says when the next is due.</summary>
    private DateTimeOffset EraseReplaced(DateTimeOffset now)
    {
        foreach ((HostIdentity identity, _) in _replaced.Where(replaced => replaced.EraseAt <= now))
            identity.Dispose();
        _replaced.RemoveAll(replaced => replaced.EraseAt <= now);
        return _replaced.Select(replaced => replaced.EraseAt).Append(DateTimeOffset.MaxValue).Min();
    }

    private HostIdentity? TryGetActive() => Volatile.Read(ref _ring).At(_schedule, _clock.GetUtcNow()).Active?.Key;

    private HostIdentity Create(KeyEntry entry)
    {
        LogSight? seen = _log();
        HostIdentity made = HostIdentity.Create(_service, entry.Serial, PeriodOf(entry), seen?.Checkpoint, _attester());
        _stoodStillAt = seen is not null && seen.NewestUntil < _clock.GetUtcNow() ? seen.Checkpoint.Size : null;
        return made;
    }

    private IdentityPeriod PeriodOf(KeyEntry entry)
    {
        // A successor may be announced too late for the coming epoch and then takes over at the one after.
        long epoch = _schedule.Epochs.EpochAt(entry.ActiveFrom);
        return new((ulong)epoch, entry.AnnouncedAt, _schedule.Epochs.StartOf(epoch + 2) + _schedule.Grace);
    }
}
