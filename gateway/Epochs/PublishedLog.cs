using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.Gateway.Epochs;

/// <summary>The authority's log as this gateway knows it: every head, and the tree over them for proofs.</summary>
internal sealed class PublishedLog
{
    private readonly Lock _lock = new();
    private readonly GrowingTree _tree = new();
    private readonly List<(EpochHead? Head, ReadOnlyMemory<byte> Entry)> _entries = [];

    /// <summary>How many entries there are.</summary>
    public long Size
    {
        get
        {
            lock (_lock)
                return _tree.Size;
        }
    }

    /// <summary>The head of an epoch; null where the entry is none of the authority's.</summary>
    public EpochHead? Head(long epoch)
    {
        lock (_lock)
            return _entries[(int)epoch].Head;
    }

    /// <summary>Takes the entries that come next, where with them the log is that of a checkpoint; else nothing, so that one wrong answer spoils no later one.</summary>
    public bool TryTake(IReadOnlyList<ReadOnlyMemory<byte>> entries, Checkpoint checkpoint, NoteVerifierKey authority)
    {
        lock (_lock)
        {
            long before = _tree.Size;
            foreach (ReadOnlyMemory<byte> entry in entries)
                _tree.Append(MerkleTree.LeafHash(entry.Span));
            if (_tree.Size != Math.Max(before, checkpoint.Size) || !Matches(checkpoint))
            {
                _tree.Truncate(before);
                return false;
            }

            _entries.AddRange(entries.Select(entry => (HeadOf(entry, authority), entry)));
            return true;
        }
    }

    /// <summary>True when the log of this size has this root.</summary>
    public bool Matches(Checkpoint checkpoint) => Had(checkpoint.Size, checkpoint.Root.Span);

    /// <summary>True when the log of this size has, or had, this root.</summary>
    public bool Had(long size, ReadOnlySpan<byte> root)
    {
        lock (_lock)
            return size <= _tree.Size && _tree.Root(size).AsSpan().SequenceEqual(root);
    }

    /// <summary>An entry's bytes.</summary>
    public ReadOnlyMemory<byte> Entry(long index)
    {
        lock (_lock)
            return _entries[(int)index].Entry;
    }

    /// <summary>The proof of an entry under a checkpoint of some size.</summary>
    public byte[] Prove(long index, long size, ReadOnlyMemory<byte> checkpoint)
    {
        lock (_lock)
            return new TlogProof(index, _tree.ProveInclusion(index, size), checkpoint).Write();
    }

    /// <summary>That the log of <paramref name="size"/> entries continues the one of <paramref name="old"/>.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> ProveConsistency(long old, long size)
    {
        lock (_lock)
            return _tree.ProveConsistency(old, size);
    }

    private static EpochHead? HeadOf(ReadOnlyMemory<byte> entry, NoteVerifierKey authority) =>
        SignedNote.TryOpen(entry.Span, [authority], out SignedNote? note) && note.Text.Span is [.. { } line, (byte)'\n'] && EpochHead.TryParse(line, out EpochHead? head) ? head : null;
}
