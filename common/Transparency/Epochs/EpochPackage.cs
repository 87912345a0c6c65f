using System.Diagnostics.CodeAnalysis;
using Veil.Wire;

namespace Veil.Transparency.Epochs;

/// <summary>
/// The first thing that a client needs, the same bytes for everyone, mirrored by relays: the epoch's head, the older heads that the rules of maturity look at,
/// their proofs under one checkpoint, proofs that the older ones were public in time, and the OHTTP keys document that the head names.
/// <code>
/// package := 02 | count(1) | { lp16(entry) | length(4) | tlog-proof | length(4) | in time: tlog-proof or nothing }*count | lp16(keys)
/// </code>
/// The newest head comes first, the others follow by age; bytes left over are an error.
/// </summary>
public sealed class EpochPackage
{
    /// <summary>The media type of these bytes.</summary>
    public const string MediaType = "application/vnd.veil.epoch";

    /// <summary>Longest encoding: nine proofs with 64 cosignatures each stay below.</summary>
    public const int MaxSize = 256 << 10;

    /// <summary>Most heads: this epoch's, the one before, that of the releases' age, and for each of these two an older one that named the same.</summary>
    public const int MaxHeads = 5;

    private const byte Version = 2;

    /// <param name="heads">1 to <see cref="MaxHeads"/>, the newest first.</param>
    /// <param name="keys">The OHTTP keys document, at most 65,535 bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another number of heads.</exception>
    public EpochPackage(IReadOnlyList<ProvenEntry> heads, ReadOnlyMemory<byte> keys)
    {
        ArgumentNullException.ThrowIfNull(heads);
        ArgumentOutOfRangeException.ThrowIfZero(heads.Count, nameof(heads));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(heads.Count, MaxHeads, nameof(heads));
        Heads = heads;
        Keys = keys;
    }

    /// <summary>The heads, the newest first.</summary>
    public IReadOnlyList<ProvenEntry> Heads { get; }

    /// <summary>The keys document, <c>application/ohttp-keys</c>.</summary>
    public ReadOnlyMemory<byte> Keys { get; }

    /// <summary>The encoding.</summary>
    public byte[] Encode()
    {
        byte[] output = new byte[1 + 1 + Heads.Sum(head => 2 + head.Entry.Length + 4 + head.Proof.Length + 4 + head.InTime.Length) + 2 + Keys.Length];
        var writer = new WireWriter(output);
        writer.WriteByte(Version);
        writer.WriteByte((byte)Heads.Count);
        foreach (ProvenEntry head in Heads)
        {
            writer.WriteVector16(head.Entry.Span);
            writer.WriteUInt32((uint)head.Proof.Length);
            writer.WriteBytes(head.Proof.Span);
            writer.WriteUInt32((uint)head.InTime.Length);
            writer.WriteBytes(head.InTime.Span);
        }

        writer.WriteVector16(Keys.Span);
        return output;
    }

    /// <summary>Takes a package apart; nothing in it is judged yet.</summary>
    /// <param name="source">Untrusted, at most <see cref="MaxSize"/> bytes.</param>
    /// <param name="package">The parts.</param>
    public static bool TryParse(ReadOnlySpan<byte> source, [NotNullWhen(true)] out EpochPackage? package)
    {
        package = null;
        var reader = new WireReader(source);
        byte version = reader.ReadByte();
        int count = reader.ReadByte();
        if (source.Length > MaxSize || version != Version || count is 0 or > MaxHeads)
        {
            return false;
        }

        var heads = new List<ProvenEntry>(count);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> entry = reader.ReadVector16();
            if (!TryReadProof(ref reader, out ReadOnlySpan<byte> proof) || !TryReadProof(ref reader, out ReadOnlySpan<byte> inTime))
            {
                return false;
            }

            heads.Add(new(entry.ToArray(), proof.ToArray(), inTime.ToArray()));
        }

        ReadOnlySpan<byte> keys = reader.ReadVector16();
        package = reader.Completed ? new(heads, keys.ToArray()) : null;
        return package is not null;
    }

    private static bool TryReadProof(ref WireReader reader, out ReadOnlySpan<byte> proof)
    {
        uint length = reader.ReadUInt32();
        bool fits = length <= reader.Remaining;
        proof = fits ? reader.Take((int)length) : default;
        return fits;
    }
}
