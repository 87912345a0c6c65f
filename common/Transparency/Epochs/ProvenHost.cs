using System.Diagnostics.CodeAnalysis;
using Veil.Wire;

namespace Veil.Transparency.Epochs;

/// <summary>
/// One host of a large fleet: its record with the proof that its claims stand at an index of the fleet's tree.
/// <code>
/// proven-host := 01 | count(1) | hash(32)*count | record
/// </code>
/// </summary>
/// <param name="Proof">The inclusion proof, the leaf's sibling first.</param>
/// <param name="Record">The host record, all the rest.</param>
public sealed record ProvenHost(IReadOnlyList<ReadOnlyMemory<byte>> Proof, ReadOnlyMemory<byte> Record)
{
    /// <summary>The media type of these bytes.</summary>
    public const string MediaType = "application/vnd.veil.proven-host";

    /// <summary>Longest proof: that of the largest fleet.</summary>
    public const int MaxProof = 24;

    private const byte Version = 1;
    private const int HashSize = 32;

    /// <summary>The encoding.</summary>
    public byte[] Encode()
    {
        byte[] output = new byte[2 + (Proof.Count * HashSize) + Record.Length];
        var writer = new WireWriter(output);
        writer.WriteByte(Version);
        writer.WriteByte((byte)Proof.Count);
        foreach (ReadOnlyMemory<byte> hash in Proof)
        {
            writer.WriteBytes(hash.Span);
        }

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
        int count = reader.ReadByte();
        reader.Take(count * HashSize);
        if (reader.Failed || version != Version || count > MaxProof)
        {
            return false;
        }

        host = new([.. Enumerable.Range(0, count).Select(i => source.Slice(2 + (i * HashSize), HashSize))], source[(2 + (count * HashSize))..]);
        return true;
    }
}
