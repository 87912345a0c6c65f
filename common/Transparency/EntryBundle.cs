using System.Diagnostics.CodeAnalysis;
using Veil.Wire;

namespace Veil.Transparency;

/// <summary>A tile's entries (C2SP tlog-tiles): <c>{ lp16(entry) }*</c>.</summary>
public static class EntryBundle
{
    /// <summary>Longest entry in bytes.</summary>
    public const int MaxEntrySize = ushort.MaxValue;

    /// <summary>Longest bundle in bytes.</summary>
    public const int MaxSize = TilePath.FullWidth * (2 + MaxEntrySize);

    /// <summary>The encoding.</summary>
    public static byte[] Encode(IReadOnlyCollection<ReadOnlyMemory<byte>> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        byte[] output = new byte[entries.Sum(entry => 2 + entry.Length)];
        var writer = new WireWriter(output);
        foreach (ReadOnlyMemory<byte> entry in entries)
            writer.WriteVector16(entry.Span);
        return output;
    }

    /// <summary>Takes a bundle apart; whether the entries are the log's, the tile of their hashes tells.</summary>
    /// <param name="source">Untrusted; the entries are slices of it.</param>
    /// <param name="width">How many there must be.</param>
    /// <param name="entries">The entries.</param>
    public static bool TryParse(ReadOnlyMemory<byte> source, int width, [NotNullWhen(true)] out IReadOnlyList<ReadOnlyMemory<byte>>? entries)
    {
        var found = new List<ReadOnlyMemory<byte>>();
        var reader = new WireReader(source.Span);
        while (!reader.Completed && !reader.Failed && found.Count < width)
        {
            int start = source.Length - reader.Remaining + 2;
            int length = reader.ReadVector16().Length;
            if (!reader.Failed)
                found.Add(source.Slice(start, length));
        }

        entries = reader.Completed && found.Count == width ? found : null;
        return entries is not null;
    }
}
