using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.Gateway.Epochs;

/// <summary>
/// Shows that what an elder head is asked for was public when its epoch ended, by the checkpoint that was kept when it was new. Where the head was logged later, to fill a pause, the
/// head before the pause, which named the same, shows it; of the first head nobody asks.
/// </summary>
internal sealed class ElderProofs(TrustBundle bundle, PublishedLog log, DocumentStore documents)
{
    private const int MostRemembered = 1024;

    /// <summary>Which head shows it for an elder: a pause is walked through once.</summary>
    private readonly Dictionary<(long Elder, ElderRole Role), long> _shownBy = [];

    /// <summary>Adds the proof to a package's heads; false where there is none.</summary>
    /// <param name="shown">The heads of the package, each with its proof or nothing.</param>
    /// <param name="elder">The elder head's epoch.</param>
    /// <param name="role">What it is asked for.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public async Task<bool> TryShowAsync(SortedDictionary<long, byte[]> shown, long elder, ElderRole role, CancellationToken cancellationToken)
    {
        EpochHead named = log.Head(elder)!;
        long index = elder;
        while (index > 0 && !await TryProveAsync(shown, index, bundle.Epochs.StartOf(elder + 1), cancellationToken))
        {
            index--;
            if (log.Head(index)?.NamesTheSameAs(named, role) is not true)
                return false;
            index = _shownBy.GetValueOrDefault((index, role), index);
        }

        if (index is 0)
            shown.TryAdd(0, []);
        if (_shownBy.Count > MostRemembered)
            _shownBy.Clear();
        _shownBy[(elder, role)] = index;
        return true;
    }

    private async Task<bool> TryProveAsync(SortedDictionary<long, byte[]> shown, long index, DateTimeOffset end, CancellationToken cancellationToken)
    {
        if (await documents.FindCheckpointAsync(index, cancellationToken) is not { } note
            || !bundle.Witnessing.TryVerify(note, out WitnessedCheckpoint? then) || then.PublicBy >= end || then.Checkpoint.Size <= index || !log.Matches(then.Checkpoint))
        {
            return false;
        }

        shown[index] = log.Prove(index, then.Checkpoint.Size, note);
        return true;
    }
}
