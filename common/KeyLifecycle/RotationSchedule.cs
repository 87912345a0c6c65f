namespace Veil.KeyLifecycle;

/// <summary>
/// When keys of one kind are announced, used and given up: one key an epoch, announced <see cref="Notice"/> before its epoch and
/// accepted for <see cref="Grace"/> after it. Neither may exceed an epoch, which bounds the live keys to <see cref="MaxLive"/>.
/// </summary>
public sealed record RotationSchedule
{
    /// <summary>Keys that may live at once: one announced, one active, one in grace. Each more would split the crowd of clients further.</summary>
    public const int MaxLive = 3;

    /// <param name="epochs">One key belongs to one epoch.</param>
    /// <param name="notice">How long before its epoch a key is announced: more than zero, at most an epoch.</param>
    /// <param name="grace">How long a key is accepted after its successor took over: zero to one epoch.</param>
    /// <exception cref="ArgumentOutOfRangeException">Notice or grace is outside these bounds.</exception>
    public RotationSchedule(EpochSchedule epochs, TimeSpan notice, TimeSpan grace)
    {
        ArgumentNullException.ThrowIfNull(epochs);
        if (notice <= TimeSpan.Zero || notice > epochs.Length)
            throw new ArgumentOutOfRangeException(nameof(notice), notice, "A key is announced more than zero and at most one epoch ahead.");
        if (grace < TimeSpan.Zero || grace > epochs.Length)
            throw new ArgumentOutOfRangeException(nameof(grace), grace, "A key stays in grace for at most one epoch.");

        Epochs = epochs;
        Notice = notice;
        Grace = grace;
    }

    /// <summary>The epochs that keys belong to.</summary>
    public EpochSchedule Epochs { get; }

    /// <summary>How long before its epoch a key is announced.</summary>
    public TimeSpan Notice { get; }

    /// <summary>How long a key is accepted after its successor took over.</summary>
    public TimeSpan Grace { get; }

    /// <summary>
    /// Where a key that is announced now takes over: at the next epoch, or at the one after when less than half of the notice is left
    /// (after an outage), because clients use no key that was announced too late.
    /// </summary>
    public DateTimeOffset NextTakeover(DateTimeOffset now)
    {
        long next = Epochs.EpochAt(now) + 1;
        return Epochs.StartOf(next) - now < Notice / 2 ? Epochs.StartOf(next + 1) : Epochs.StartOf(next);
    }

    /// <summary>The next instant at which a key for the coming epoch is to be announced; <paramref name="now"/> itself when it is due.</summary>
    public DateTimeOffset NextAnnouncement(DateTimeOffset now)
    {
        DateTimeOffset due = Epochs.StartOf(Epochs.EpochAt(now) + 1) - Notice;
        return due < now ? now : due;
    }
}
