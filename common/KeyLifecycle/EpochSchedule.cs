namespace Veil.KeyLifecycle;

/// <summary>Cuts time into epochs of one length, so that everybody who knows the schedule changes keys at the same instants.</summary>
public sealed record EpochSchedule
{
    /// <param name="start">Where epoch 0 begins; earlier times have negative epochs.</param>
    /// <param name="length">Whole seconds, at least one.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is not a positive number of whole seconds.</exception>
    public EpochSchedule(DateTimeOffset start, TimeSpan length)
    {
        if (length < TimeSpan.FromSeconds(1) || length.Ticks % TimeSpan.TicksPerSecond != 0)
            throw new ArgumentOutOfRangeException(nameof(length), length, "An epoch lasts a positive number of whole seconds.");

        Start = start;
        Length = length;
    }

    /// <summary>Where epoch 0 begins.</summary>
    public DateTimeOffset Start { get; }

    /// <summary>How long each epoch lasts.</summary>
    public TimeSpan Length { get; }

    /// <summary>The epoch that <paramref name="now"/> lies in; its first instant belongs to it.</summary>
    public long EpochAt(DateTimeOffset now)
    {
        (long epoch, long rest) = Math.DivRem((now - Start).Ticks, Length.Ticks);
        return rest < 0 ? epoch - 1 : epoch;
    }

    /// <summary>The first instant of an epoch.</summary>
    public DateTimeOffset StartOf(long epoch) => Start + TimeSpan.FromTicks(epoch * Length.Ticks);
}
