using System.Numerics;

namespace Veil.Transparency;

/// <summary>
/// A tree that grows by appending: it keeps the hash of every complete subtree, 64 bytes an entry in all, so that roots and proofs of any size it had cost some
/// logarithm of it. For one writer at a time and any number of readers: what a size says never changes, but for
/// <see cref="Truncate"/>, which needs the tree to itself.
/// </summary>
public sealed class GrowingTree
{
    /// <summary>Level l holds the roots of complete subtrees of 2^l entries, from the left.</summary>
    private readonly List<HashList> _levels = [new()];

    /// <summary>Held for every look at the levels: a list that grows moves.</summary>
    private readonly Lock _gate = new();
    private long _size;

    /// <summary>How many entries there are.</summary>
    public long Size => Volatile.Read(ref _size);

    /// <summary>The hash of an entry.</summary>
    public ReadOnlySpan<byte> Leaf(long index) => Subtree(0, index);

    /// <summary>Adds one entry's hash.</summary>
    public void Append(ReadOnlySpan<byte> leafHash)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(leafHash.Length, MerkleTree.HashSize, nameof(leafHash));
        Span<byte> hash = stackalloc byte[MerkleTree.HashSize];
        leafHash.CopyTo(hash);
        lock (_gate)
        {
            for (int level = 0; ; level++)
            {
                if (level == _levels.Count)
                    _levels.Add(new());
                HashList hashes = _levels[level];
                hashes.Add(hash);
                if (hashes.Count % 2 != 0)
                    break;
                MerkleTree.NodeHash(hashes[hashes.Count - 2], hash, hash);
            }

            Volatile.Write(ref _size, _levels[0].Count);
        }
    }

    /// <summary>Takes back what came after <paramref name="size"/> entries: for whoever has just added what turned out wrong, before anybody relied on it.</summary>
    public void Truncate(long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Size);
        lock (_gate)
        {
            for (int level = 0; level < _levels.Count; level++)
                _levels[level].Truncate(size >> level);

            Volatile.Write(ref _size, size);
        }
    }

    /// <summary>The root of a complete subtree: that of the entries from <c>index * 2^level</c> on.</summary>
    public ReadOnlySpan<byte> Subtree(int level, long index)
    {
        lock (_gate)
            return _levels[level][index];
    }

    /// <summary>The root over the first <paramref name="size"/> entries.</summary>
    public byte[] Root(long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Size);
        return size is 0 ? MerkleTree.EmptyRoot.ToArray() : Hash(0, size);
    }

    /// <summary>PATH: that the entry at <paramref name="index"/> is in the tree of <paramref name="size"/> entries.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> ProveInclusion(long index, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Size);
        var proof = new List<ReadOnlyMemory<byte>>();
        Path(index, 0, size, proof);
        return proof;
    }

    /// <summary>PROOF: that the tree of <paramref name="size2"/> entries continues the one of <paramref name="size1"/>.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> ProveConsistency(long size1, long size2)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size1, size2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size2, Size);
        var proof = new List<ReadOnlyMemory<byte>>();
        Subproof(size1, 0, size2, isWhole: true, proof);
        return proof;
    }

    /// <summary>MTH over <paramref name="count"/> entries from <paramref name="start"/>, which is a multiple of the largest power of two in the count.</summary>
    private byte[] Hash(long start, long count)
    {
        if (BitOperations.IsPow2(count))
        {
            int level = BitOperations.Log2((ulong)count);
            return Subtree(level, start >> level).ToArray();
        }

        long split = Split(count);
        return MerkleTree.NodeHash(Hash(start, split), Hash(start + split, count - split));
    }

    private void Path(long index, long start, long count, List<ReadOnlyMemory<byte>> proof)
    {
        if (count is 1)
            return;
        long split = Split(count);
        if (index < split)
        {
            Path(index, start, split, proof);
            proof.Add(Hash(start + split, count - split));
        }
        else
        {
            Path(index - split, start + split, count - split, proof);
            proof.Add(Hash(start, split));
        }
    }

    private void Subproof(long size, long start, long count, bool isWhole, List<ReadOnlyMemory<byte>> proof)
    {
        if (size == count)
        {
            if (!isWhole)
                proof.Add(Hash(start, count));
            return;
        }

        long split = Split(count);
        if (size <= split)
        {
            Subproof(size, start, split, isWhole, proof);
            proof.Add(Hash(start + split, count - split));
        }
        else
        {
            Subproof(size - split, start + split, count - split, isWhole: false, proof);
            proof.Add(Hash(start, split));
        }
    }

    private static long Split(long count) => 1L << BitOperations.Log2((ulong)count - 1);
}
