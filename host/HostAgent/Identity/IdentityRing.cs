using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Veil.KeyLifecycle;

namespace Veil.HostAgent.Identity;

/// <summary>
/// This host's identities in their ring, in memory only: one is made a notice before each epoch and replaces its predecessor when the epoch
/// begins, while connections that are open keep theirs.
/// </summary>
public sealed class IdentityRing : IDisposable
{
    private readonly Func<IAttester> _attester;
    private readonly TimeProvider _clock;
    private readonly string _service;
    private readonly RotationSchedule _schedule;
    private KeyRing<HostIdentity> _ring = new([]);

    /// <summary>An empty ring; <see cref="Advance"/> fills it.</summary>
    /// <param name="attester">Opens the TEE; called when there is an identity to make, after the settings have been found good.</param>
    /// <param name="options">Service and epochs.</param>
    /// <param name="clock">The time.</param>
    public IdentityRing(Func<IAttester> attester, IOptions<HostOptions> options, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(options);
        _attester = attester;
        _clock = clock;
        _service = options.Value.Service!;
        _schedule = new(new EpochSchedule(DateTimeOffset.UnixEpoch, options.Value.EpochLength), options.Value.EpochNotice, options.Value.EpochGrace);
    }

    /// <summary>The identity for new connections.</summary>
    /// <exception cref="InvalidOperationException">The ring was never advanced.</exception>
    public HostIdentity Active => TryGetActive() ?? throw new InvalidOperationException("This host has no identity yet.");

    /// <summary>True when there is an identity and its claims hold.</summary>
    public bool IsReady => Volatile.Read(ref _ring).At(_schedule, _clock.GetUtcNow()).Active is { } active && PeriodOf(active.Entry).NotAfter > _clock.GetUtcNow();

    /// <summary>Makes and drops identities as the schedule wants it now.</summary>
    /// <returns>When to come again.</returns>
    /// <exception cref="AttesterException">The TEE did not answer; the ring is as before.</exception>
    public DateTimeOffset Advance()
    {
        DateTimeOffset now = _clock.GetUtcNow();
        KeyRing<HostIdentity> next = _ring.Advance(_schedule, now, Create, out ImmutableArray<RingKey<HostIdentity>> removed);
        Volatile.Write(ref _ring, next);
        foreach (RingKey<HostIdentity> key in removed)
            key.Key.Dispose();
        return next.At(_schedule, now).NextChange;
    }

    /// <summary>Erases all keys.</summary>
    public void Dispose()
    {
        foreach (RingKey<HostIdentity> key in _ring.Keys)
            key.Key.Dispose();
    }

    private HostIdentity? TryGetActive() => Volatile.Read(ref _ring).At(_schedule, _clock.GetUtcNow()).Active?.Key;

    private HostIdentity Create(KeyEntry entry) => HostIdentity.Create(_service, entry.Serial, PeriodOf(entry), _attester());

    private IdentityPeriod PeriodOf(KeyEntry entry)
    {
        // A successor may be announced too late for the coming epoch and then takes over at the one after.
        long epoch = _schedule.Epochs.EpochAt(entry.ActiveFrom);
        return new((ulong)epoch, entry.AnnouncedAt, _schedule.Epochs.StartOf(epoch + 2) + _schedule.Grace);
    }
}
