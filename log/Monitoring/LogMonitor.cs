using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.TransparencyLog.Monitoring;

/// <summary>
/// Follows one mirror of a log: reads every entry once, rebuilds the tree by itself and holds each checkpoint to it, and all of it to what was seen before it began. What it
/// reports of an entry once, it reports once.
/// </summary>
/// <param name="reader">The mirror.</param>
/// <param name="bundle">Whose log it must be.</param>
/// <param name="watches">What else looks at heads.</param>
/// <param name="seen">What was judged before; null for a first look.</param>
/// <param name="time">Tells which epochs are over.</param>
internal sealed class LogMonitor(LogReader reader, TrustBundle bundle, IReadOnlyList<IHeadWatch> watches, SeenHistory? seen, TimeProvider time)
{
    private readonly GrowingTree _tree = new();
    private long _stalledAt = -1;
    private EpochHead? _last;
    private DateTimeOffset _lookedAt = DateTimeOffset.MinValue;

    /// <summary>Where the log is.</summary>
    public Uri Url => reader.Url;

    /// <summary>The tree of what was read.</summary>
    public GrowingTree Tree => _tree;

    /// <summary>What was judged so far; null before the first whole look.</summary>
    public SeenHistory? Seen { get; private set; } = seen;

    /// <summary>Looks once.</summary>
    public async Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            DateTimeOffset now = time.GetUtcNow();
            byte[] note = await reader.ReadCheckpointAsync(cancellationToken);
            if (!bundle.Witnessing.TryVerify(note, out WitnessedCheckpoint? witnessed))
                return [new(FindingKind.NotWitnessed, -1, "the checkpoint is not signed by the bundle's log and enough of its witnesses")];

            Checkpoint checkpoint = witnessed.Checkpoint;
            long judged = Seen?.Size ?? 0;
            long known = Math.Max(_tree.Size, judged);
            if (checkpoint.Size < known)
                return [new(FindingKind.RolledBack, -1, $"a checkpoint of {checkpoint.Size} entries after {known} were seen")];

            IReadOnlyList<ReadOnlyMemory<byte>> entries = await reader.ReadEntriesAsync(_tree.Size, checkpoint.Size, cancellationToken);
            long first = _tree.Size;
            foreach (ReadOnlyMemory<byte> entry in entries)
                _tree.Append(MerkleTree.LeafHash(entry.Span));
            if (_tree.Size != checkpoint.Size || !IsRoot(checkpoint.Size, checkpoint.Root) || (Seen is { } before && !IsRoot(before.Size, before.Root)))
            {
                _tree.Truncate(first);
                return [new(FindingKind.Forked, -1, $"the entries are not what the checkpoint of {checkpoint.Size} says, or not those of before")];
            }

            // Entries that were judged before this monitor began are judged again, for what watches remember, and not reported.
            var findings = new List<Finding>();
            for (int i = 0; i < entries.Count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                findings.AddRange(Judge(first + i, entries[i], witnessed.WitnessedAt).Where(finding => finding.Index >= judged));
            }

            _lookedAt = now;
            long due = bundle.Epochs.At(now) - 1;
            if (checkpoint.Size - 1 < due && _stalledAt != checkpoint.Size)
            {
                _stalledAt = checkpoint.Size;
                findings.Add(new(FindingKind.Stalled, checkpoint.Size - 1, $"the last head is of epoch {checkpoint.Size - 1}, and epoch {due} is over"));
            }

            Seen = new(checkpoint.Size, checkpoint.Root);
            return findings;
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or InvalidDataException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return [new(FindingKind.Unreachable, -1, $"{reader.Url.Authority} gave no whole log ({failure.GetType().Name})")];
        }
    }

    private bool IsRoot(long size, ReadOnlyMemory<byte> root) => _tree.Root(size).AsSpan().SequenceEqual(root.Span);

    private IEnumerable<Finding> Judge(long index, ReadOnlyMemory<byte> entry, DateTimeOffset witnessedAt)
    {
        if (!SignedNote.TryOpen(entry.Span, [bundle.AuthorityKey], out SignedNote? note))
            return [new(FindingKind.NotTheAuthority, index, "an entry that the authority did not sign")];
        if (note.Text.Span is not [.. { } line, (byte)'\n'] || !EpochHead.TryParse(line, out EpochHead? head))
            return [new(FindingKind.NotAHead, index, "an entry that is no epoch head")];
        if (head.Epoch != index)
            return [new(FindingKind.EpochMismatch, index, $"a head of epoch {head.Epoch} at index {index}: an epoch is missing, or has two heads")];

        // It was not there at the last look, when its epoch was over already.
        bool isLate = bundle.Epochs.StartOf(index + 1) <= _lookedAt && _last?.NamesTheSameAs(head) is false;
        _last = head;
        IEnumerable<Finding> untimely = isLate ? [new(FindingKind.LateHead, index, $"the head of epoch {index} was added after the epoch, and names what the one before did not")]
            : index > bundle.Epochs.At(witnessedAt) ? [new(FindingKind.EarlyHead, index, $"the head of epoch {index} is in the log, and the witnesses say that it is {witnessedAt:u}")]
            : [];
        return untimely.Concat(watches.SelectMany(watch => watch.Judge(head)));
    }
}
