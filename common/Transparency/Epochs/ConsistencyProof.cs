using System.Diagnostics.CodeAnalysis;
using Veil.Wire;

namespace Veil.Transparency.Epochs;

/// <summary>A consistency proof as it travels: <c>01 | count(1) | hash(32)*count</c>.</summary>
public static class ConsistencyProof
{
    /// <summary>The media type of these bytes.</summary>
    public const string MediaType = "application/vnd.veil.consistency-proof";

    /// <summary>Longest encoding.</summary>
    public const int MaxSize = 2 + (MerkleTree.MaxProof * MerkleTree.HashSize);

    private const byte Version = 1;

    /// <summary>The encoding.</summary>
    public static byte[] Encode(IReadOnlyList<ReadOnlyMemory<byte>> hashes)
    {
        ArgumentNullException.ThrowIfNull(hashes);
        byte[] output = new byte[2 + (hashes.Count * MerkleTree.HashSize)];
        var writer = new WireWriter(output);
        writer.WriteByte(Version);
        writer.WriteByte((byte)hashes.Count);
        foreach (ReadOnlyMemory<byte> hash in hashes)
        {
            writer.WriteBytes(hash.Span);
        }

        return output;
    }

    /// <summary>Takes one apart.</summary>
    /// <param name="source">Untrusted; the hashes are slices of it.</param>
    /// <param name="hashes">The hashes.</param>
    public static bool TryParse(ReadOnlyMemory<byte> source, [NotNullWhen(true)] out IReadOnlyList<ReadOnlyMemory<byte>>? hashes)
    {
        hashes = null;
        if (source.Span is not [Version, <= MerkleTree.MaxProof and byte count, ..] || source.Length != 2 + (count * MerkleTree.HashSize))
        {
            return false;
        }

        hashes = [.. Enumerable.Range(0, count).Select(i => source.Slice(2 + (i * MerkleTree.HashSize), MerkleTree.HashSize))];
        return true;
    }
}
