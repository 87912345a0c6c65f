using System.Buffers;
using System.Numerics;
using System.Security.Cryptography;
using Veil.Crypto;

namespace Veil.Transparency;

/// <summary>
/// The hash tree of RFC 6962 section 2.1 with SHA-256: leaves are <c>H(00 || entry)</c>, nodes <c>H(01 || left || right)</c>, an uneven list is split at the largest power of two
/// below its length. Proofs are lists of 32-byte hashes; verification consumes them to the last and reads nothing else.
/// </summary>
public static class MerkleTree
{
    /// <summary>Bytes of a hash.</summary>
    public const int HashSize = 32;

    /// <summary>Longest proof of any tree whose size is a positive <see cref="long"/>.</summary>
    public const int MaxProof = 64;

    /// <summary>Longest input that is put together on the stack.</summary>
    private const int ShortInput = 256;

    /// <summary>MTH({}): the root of a tree without entries.</summary>
    public static ReadOnlyMemory<byte> EmptyRoot { get; } = SHA256.HashData([]);

    /// <summary>The hash of an entry.</summary>
    public static byte[] LeafHash(ReadOnlySpan<byte> entry)
    {
        byte[]? rented = entry.Length < ShortInput ? null : ArrayPool<byte>.Shared.Rent(1 + entry.Length);
        Span<byte> input = (rented ?? stackalloc byte[ShortInput])[..(1 + entry.Length)];
        input[0] = 0x00;
        entry.CopyTo(input[1..]);
        byte[] hash = new byte[HashSize];
        CryptoBackend.Current.Sha256(input, hash);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        return hash;
    }

    /// <summary>The hash over two subtrees.</summary>
    public static byte[] NodeHash(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        byte[] hash = new byte[HashSize];
        NodeHash(left, right, hash);
        return hash;
    }

    /// <summary>The same into the 32 bytes of <paramref name="hash"/>, which may be one of the two.</summary>
    internal static void NodeHash(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> hash)
    {
        Span<byte> input = stackalloc byte[1 + (2 * HashSize)];
        input[0] = 0x01;
        left.CopyTo(input[1..]);
        right.CopyTo(input[(1 + HashSize)..]);
        CryptoBackend.Current.Sha256(input, hash);
    }

    /// <summary>MTH of a list of leaf hashes.</summary>
    public static byte[] Root(IReadOnlyList<byte[]> leaves)
    {
        ArgumentNullException.ThrowIfNull(leaves);
        return leaves.Count is 0 ? EmptyRoot.ToArray() : Root(leaves, 0, leaves.Count);
    }

    /// <summary>PATH(index, leaves): siblings from the leaf to the root.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> ProveInclusion(IReadOnlyList<byte[]> leaves, int index)
    {
        ArgumentNullException.ThrowIfNull(leaves);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, leaves.Count);
        var proof = new List<ReadOnlyMemory<byte>>();
        Path(leaves, index, 0, leaves.Count, proof);
        return proof;
    }

    /// <summary>PROOF(size, leaves): that the tree over all leaves continues the one over the first <paramref name="size"/>.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> ProveConsistency(IReadOnlyList<byte[]> leaves, int size)
    {
        ArgumentNullException.ThrowIfNull(leaves);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, leaves.Count);
        var proof = new List<ReadOnlyMemory<byte>>();
        if (size < leaves.Count)
            Subproof(leaves, size, 0, leaves.Count, isWhole: true, proof);
        return proof;
    }

    /// <summary>True when the proof leads from the leaf at <paramref name="index"/> to the root of a tree of <paramref name="size"/> entries (RFC 9162 section 2.1.3.2).</summary>
    public static bool VerifyInclusion(ReadOnlySpan<byte> leafHash, long index, long size, IReadOnlyList<ReadOnlyMemory<byte>> proof, ReadOnlySpan<byte> root)
    {
        ArgumentNullException.ThrowIfNull(proof);
        if (index < 0 || index >= size || leafHash.Length != HashSize || !AreHashes(proof) || proof.Count != InclusionProofLength(index, size))
            return false;

        ulong node = (ulong)index;
        ulong last = (ulong)size - 1;
        byte[] hash = leafHash.ToArray();
        foreach (ReadOnlyMemory<byte> sibling in proof)
        {
            if ((node & 1) == 1 || node == last)
            {
                hash = NodeHash(sibling.Span, hash);
                while ((node & 1) == 0 && node != 0)
                {
                    node >>= 1;
                    last >>= 1;
                }
            }
            else
            {
                hash = NodeHash(hash, sibling.Span);
            }

            node >>= 1;
            last >>= 1;
        }

        return root.SequenceEqual(hash);
    }

    /// <summary>True when the tree of <paramref name="size2"/> entries continues the one of <paramref name="size1"/> (RFC 9162 section 2.1.4.2). An empty first tree is no evidence of anything.</summary>
    public static bool VerifyConsistency(long size1, ReadOnlySpan<byte> root1, long size2, ReadOnlySpan<byte> root2, IReadOnlyList<ReadOnlyMemory<byte>> proof)
    {
        ArgumentNullException.ThrowIfNull(proof);
        if (size1 <= 0 || size1 > size2 || root1.Length != HashSize || root2.Length != HashSize || !AreHashes(proof))
            return false;
        if (size1 == size2)
            return proof.Count is 0 && root1.SequenceEqual(root2);

        // 1. A first tree that is one full subtree of the second is not repeated in the proof.
        int next = 0;
        bool isFull = BitOperations.IsPow2(size1);
        if (!isFull && proof.Count is 0)
            return false;
        byte[] first = isFull ? root1.ToArray() : proof[next++].ToArray();
        byte[] second = first;

        // 2. Up to where the two trees part.
        ulong node = (ulong)size1 - 1;
        ulong last = (ulong)size2 - 1;
        while ((node & 1) == 1)
        {
            node >>= 1;
            last >>= 1;
        }

        // 3. To both roots.
        for (; next < proof.Count; next++)
        {
            if (last == 0)
                return false;
            ReadOnlySpan<byte> hash = proof[next].Span;
            if ((node & 1) == 1 || node == last)
            {
                first = NodeHash(hash, first);
                second = NodeHash(hash, second);
                while ((node & 1) == 0 && node != 0)
                {
                    node >>= 1;
                    last >>= 1;
                }
            }
            else
            {
                second = NodeHash(second, hash);
            }

            node >>= 1;
            last >>= 1;
        }

        return last == 0 && root1.SequenceEqual(first) && root2.SequenceEqual(second);
    }

    private static bool AreHashes(IReadOnlyList<ReadOnlyMemory<byte>> proof) => proof.Count <= MaxProof && proof.All(hash => hash.Length == HashSize);

    /// <summary>Hashes of the way: one for each level at which the leaf's subtree has a sibling.</summary>
    private static int InclusionProofLength(long index, long size)
    {
        int inner = 64 - BitOperations.LeadingZeroCount((ulong)index ^ ((ulong)size - 1));
        return inner + BitOperations.PopCount((ulong)index >> inner);
    }

    private static byte[] Root(IReadOnlyList<byte[]> leaves, int start, int count)
    {
        if (count is 1)
            return leaves[start];
        int split = Split(count);
        return NodeHash(Root(leaves, start, split), Root(leaves, start + split, count - split));
    }

    private static void Path(IReadOnlyList<byte[]> leaves, int index, int start, int count, List<ReadOnlyMemory<byte>> proof)
    {
        if (count is 1)
            return;
        int split = Split(count);
        if (index < split)
        {
            Path(leaves, index, start, split, proof);
            proof.Add(Root(leaves, start + split, count - split));
        }
        else
        {
            Path(leaves, index - split, start + split, count - split, proof);
            proof.Add(Root(leaves, start, split));
        }
    }

    private static void Subproof(IReadOnlyList<byte[]> leaves, int size, int start, int count, bool isWhole, List<ReadOnlyMemory<byte>> proof)
    {
        if (size == count)
        {
            if (!isWhole)
                proof.Add(Root(leaves, start, count));
            return;
        }

        int split = Split(count);
        if (size <= split)
        {
            Subproof(leaves, size, start, split, isWhole, proof);
            proof.Add(Root(leaves, start + split, count - split));
        }
        else
        {
            Subproof(leaves, size - split, start + split, count - split, isWhole: false, proof);
            proof.Add(Root(leaves, start, split));
        }
    }

    /// <summary>The largest power of two below a count of 2 or more.</summary>
    private static int Split(int count) => 1 << BitOperations.Log2((uint)count - 1);
}
