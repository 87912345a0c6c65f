using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.Gateway.Epochs;

/// <summary>
/// Whether witnesses, too, would say that the epoch of the next head has begun. This machine's clock may be ahead, by years, and what is in the log stays there; so the time of the last
/// checkpoint counts, and what has gone by since on a clock that nobody sets.
/// </summary>
internal sealed class WitnessClock(EpochTimes epochs, TimeProvider time)
{
    /// <summary>Witnesses tell whole seconds.</summary>
    private static readonly TimeSpan Truncated = TimeSpan.FromSeconds(1);

    private (WitnessedCheckpoint Checkpoint, long Since, bool IsFresh)? _last;

    /// <summary>
    /// False while the next head would stand before its time. Where this process did not ask for the last checkpoint, its witnesses may have spoken long ago, and it tells that only when
    /// it dates its own head before its epoch: then the wait begins where it was first seen. After such a head the second that witnesses leave out is waited for too.
    /// </summary>
    public bool AllowsNext
    {
        get
        {
            if (_last is not { } last)
                return true;
            long next = last.Checkpoint.Checkpoint.Size;
            bool isEarly = epochs.At(last.Checkpoint.WitnessedAt) < next - 1;
            return (!last.IsFresh && !isEarly) || epochs.At(last.Checkpoint.WitnessedAt + time.GetElapsedTime(last.Since) + (isEarly ? TimeSpan.Zero : Truncated)) >= next;
        }
    }

    /// <summary>Witnesses cosigned what this process asked for.</summary>
    /// <param name="checkpoint">Their checkpoint.</param>
    /// <param name="asked">Timestamp of the question: they spoke after it.</param>
    public void Cosigned(WitnessedCheckpoint checkpoint, long asked) => _last = (checkpoint, asked, true);

    /// <summary>The log has this checkpoint, since whenever.</summary>
    public void Saw(WitnessedCheckpoint checkpoint)
    {
        if (_last?.Checkpoint.Checkpoint.Size is not { } known || known < checkpoint.Checkpoint.Size)
            _last = (checkpoint, time.GetTimestamp(), false);
    }
}
