using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Veil.Wire;

namespace Veil.Transparency.Epochs;

/// <summary>
/// Documents that travel together and are looked up by their hash. What nobody asks for by a hash out of a head has no meaning.
/// <code>
/// documents := 01 | count u32 | { length u32 | document }*count
/// </code>
/// </summary>
public sealed class DocumentSet
{
    /// <summary>The media type of these bytes.</summary>
    public const string MediaType = "application/vnd.veil.documents";

    /// <summary>Most documents: a fleet of 64 hosts, and the few that a head and its elders name.</summary>
    public const int MaxCount = 128;

    private const byte Version = 1;
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _byHash = [];

    /// <param name="documents">At most <see cref="MaxCount"/>, in the order in which they travel.</param>
    /// <exception cref="ArgumentOutOfRangeException">More.</exception>
    public DocumentSet(IReadOnlyList<ReadOnlyMemory<byte>> documents)
    {
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(documents.Count, MaxCount, nameof(documents));
        Documents = documents;
        foreach (ReadOnlyMemory<byte> document in documents)
        {
            _byHash[Convert.ToHexString(SHA256.HashData(document.Span))] = document;
        }
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Documents { get; }

    /// <summary>The document of a hash.</summary>
    /// <param name="sha256">32 bytes.</param>
    /// <param name="document">The exact bytes.</param>
    public bool TryFind(ReadOnlySpan<byte> sha256, out ReadOnlyMemory<byte> document) => _byHash.TryGetValue(Convert.ToHexString(sha256), out document);

    /// <summary>The encoding.</summary>
    public byte[] Encode()
    {
        byte[] output = new byte[1 + 4 + Documents.Sum(document => 4 + document.Length)];
        var writer = new WireWriter(output);
        writer.WriteByte(Version);
        writer.WriteUInt32((uint)Documents.Count);
        foreach (ReadOnlyMemory<byte> document in Documents)
        {
            writer.WriteUInt32((uint)document.Length);
            writer.WriteBytes(document.Span);
        }

        return output;
    }

    /// <summary>Takes a set apart.</summary>
    /// <param name="source">Untrusted; the documents are slices of it.</param>
    /// <param name="set">The documents.</param>
    public static bool TryParse(ReadOnlyMemory<byte> source, [NotNullWhen(true)] out DocumentSet? set)
    {
        set = null;
        var reader = new WireReader(source.Span);
        byte version = reader.ReadByte();
        uint count = reader.ReadUInt32();
        if (version != Version || count > MaxCount)
        {
            return false;
        }

        var documents = new List<ReadOnlyMemory<byte>>((int)count);
        for (uint i = 0; i < count && !reader.Failed; i++)
        {
            uint length = reader.ReadUInt32();
            if (length > reader.Remaining)
            {
                return false;
            }

            int start = source.Length - reader.Remaining;
            reader.Take((int)length);
            documents.Add(source.Slice(start, (int)length));
        }

        set = reader.Completed ? new(documents) : null;
        return set is not null;
    }
}
