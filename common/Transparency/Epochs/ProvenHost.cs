using System.Diagnostics.CodeAnalysis;
using Veil.Wire;

namespace Veil.Transparency.Epochs;

/// <summary>
/// One host of a large fleet: its record, with the proofs that its claims stand at an index of the fleet's tree and that the log continues the checkpoint that they name.
/// <code>
/// proven-host := 02 | count(1) | hash(32)*count | count(1) | hash(32)*count | record
/// </code>
/// </summary>
/// <param name="Inclusion">The inclusion proof, the leaf's sibling first.</param>
/// <param name="Consistency">The consistency proof; nothing where the claims name no checkpoint, or the epoch's own.</param>
/// <param name="Record">The host record, all the rest.</param>
public sealed record ProvenHost(IReadOnlyList<ReadOnlyMemory<byte>> Inclusion, IReadOnlyList<ReadOnlyMemory<byte>> Consistency, ReadOnlyMemory<byte> Record)
{
    /// <summary>Longest inclusion proof: that of the largest fleet.</summary>
    public const int MaxInclusion = 24;

    private const byte Version = 2;

    /// <summary>The encoding.</summary>
    public byte[] Encode()
    {
        byte[] output = new byte[3 + ((Inclusion.Count + Consistency.Count) * MerkleTree.HashSize) + Record.Length];
        var writer = new WireWriter(output);
        writer.WriteByte(Version);
        Write(ref writer, Inclusion);
        Write(ref writer, Consistency);
        writer.WriteBytes(Record.Span);
        return output;
    }

    /// <summary>Takes one apart.</summary>
    /// <param name="source">Untrusted; the parts are slices of it.</param>
    /// <param name="host">The parts.</param>
    public static bool TryParse(ReadOnlyMemory<byte> source, [NotNullWhen(true)] out ProvenHost? host)
    {
        host = null;
        var reader = new WireReader(source.Span);
        byte version = reader.ReadByte();
        ReadOnlyMemory<byte>[] inclusion = Read(ref reader, source);
        ReadOnlyMemory<byte>[] consistency = Read(ref reader, source);
        if (reader.Failed || version != Version || inclusion.Length > MaxInclusion || consistency.Length > MerkleTree.MaxProof)
        {
            return false;
        }

        host = new(inclusion, consistency, source[^reader.Remaining..]);
        return true;
    }

    private static void Write(ref WireWriter writer, IReadOnlyList<ReadOnlyMemory<byte>> hashes)
    {
        writer.WriteByte((byte)hashes.Count);
        foreach (ReadOnlyMemory<byte> hash in hashes)
        {
            writer.WriteBytes(hash.Span);
        }
    }

    private static ReadOnlyMemory<byte>[] Read(ref WireReader reader, ReadOnlyMemory<byte> source)
    {
        int count = reader.ReadByte();
        int start = source.Length - reader.Remaining;
        reader.Take(count * MerkleTree.HashSize);
        return reader.Failed ? [] : [.. Enumerable.Range(0, count).Select(i => source.Slice(start + (i * MerkleTree.HashSize), MerkleTree.HashSize))];
    }
}
