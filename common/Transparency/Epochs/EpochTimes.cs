namespace Veil.Transparency.Epochs;

/// <summary>Which epoch a time lies in: epoch 0 begins at the genesis, and all have one length.</summary>
/// <param name="Genesis">The first second of epoch 0.</param>
/// <param name="Length">Whole seconds, one at least.</param>
public readonly record struct EpochTimes(DateTimeOffset Genesis, TimeSpan Length)
{
    /// <summary>The epoch of an instant; negative before the genesis.</summary>
    public long At(DateTimeOffset time)
    {
        (long epoch, long rest) = Math.DivRem((time - Genesis).Ticks, Length.Ticks);
        return rest < 0 ? epoch - 1 : epoch;
    }

    /// <summary>The first instant of an epoch.</summary>
    public DateTimeOffset StartOf(long epoch) => Genesis + TimeSpan.FromTicks(epoch * Length.Ticks);

    /// <summary>Until when the checkpoint of a log of so many heads is the newest there is: a head stands for its epoch and the next.</summary>
    public DateTimeOffset NewestUntil(long size) => StartOf(Math.Max(1, size) + 1);

    /// <summary>
    /// The epoch whose head tells what had been public for <paramref name="time"/> when <paramref name="epoch"/> began: one epoch back at least, rounded to the older.
    /// The genesis is as old as anything can be.
    /// </summary>
    public long Before(long epoch, TimeSpan time)
    {
        long back = (time.Ticks + Length.Ticks - 1) / Length.Ticks;
        return Math.Max(0, epoch - Math.Max(1, back));
    }
}
