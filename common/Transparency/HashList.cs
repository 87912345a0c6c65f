namespace Veil.Transparency;

/// <summary>Hashes one after the other, in pieces of a tile each: 32 bytes a hash and nothing for the collector to follow. What was read stays as it is while the list grows.</summary>
internal sealed class HashList
{
    private const int HashSize = MerkleTree.HashSize;
    private const int PieceBits = TilePath.LevelHeight;
    private const int PieceSize = (1 << PieceBits) * HashSize;

    /// <summary>Where the first piece begins to grow from: most trees are small.</summary>
    private const int FirstSize = 4 * HashSize;

    /// <summary>All whole but the first, which has the size that is needed while it is the only one.</summary>
    private readonly List<byte[]> _pieces = [];

    /// <summary>How many hashes there are.</summary>
    public long Count { get; private set; }

    public ReadOnlySpan<byte> this[long index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            return _pieces[(int)(index >> PieceBits)].AsSpan(Offset(index), HashSize);
        }
    }

    /// <summary>Adds a hash of 32 bytes.</summary>
    public void Add(ReadOnlySpan<byte> hash)
    {
        int piece = checked((int)(Count >> PieceBits));
        int offset = Offset(Count);
        if (piece == _pieces.Count)
            _pieces.Add(new byte[piece is 0 ? FirstSize : PieceSize]);
        byte[] bytes = _pieces[piece];
        if (offset == bytes.Length)
        {
            Array.Resize(ref bytes, 2 * bytes.Length);
            _pieces[piece] = bytes;
        }

        hash.CopyTo(bytes.AsSpan(offset, HashSize));
        Count++;
    }

    /// <summary>Takes back what came after the first <paramref name="count"/>.</summary>
    public void Truncate(long count)
    {
        // A new piece for what is left of the last: its old bytes may still be read.
        int whole = (int)(count >> PieceBits);
        int left = Offset(count);
        byte[]? last = left > 0 ? _pieces[whole] : null;
        _pieces.RemoveRange(whole, _pieces.Count - whole);
        Count = count;
        if (last is not null)
            _pieces.Add([.. last]);
    }

    private static int Offset(long index) => (int)(index & ((1 << PieceBits) - 1)) * HashSize;
}
