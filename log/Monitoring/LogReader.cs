using Veil.Transparency;

namespace Veil.TransparencyLog.Monitoring;

/// <summary>Reads a log as anybody can: its checkpoint and its bundles of entries.</summary>
internal sealed class LogReader(Uri url, HttpClient http)
{
    /// <summary>Where the log is.</summary>
    public Uri Url { get; } = new(url.AbsoluteUri.TrimEnd('/') + "/");

    /// <summary>The checkpoint's signed note.</summary>
    /// <exception cref="HttpRequestException">No such answer.</exception>
    public Task<byte[]> ReadCheckpointAsync(CancellationToken cancellationToken) => http.GetByteArrayAsync(new Uri(Url, "checkpoint"), cancellationToken);

    /// <summary>The entries from one index to before another.</summary>
    /// <exception cref="HttpRequestException">No such answer.</exception>
    /// <exception cref="InvalidDataException">A bundle is none.</exception>
    public async Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadEntriesAsync(long from, long size, CancellationToken cancellationToken)
    {
        var entries = new List<ReadOnlyMemory<byte>>();
        foreach (TilePath tile in TilePath.All(null, size, from))
        {
            byte[] bundle = await http.GetByteArrayAsync(new Uri(Url, tile.ToString()), cancellationToken);
            if (!EntryBundle.TryParse(bundle, tile.Width, out IReadOnlyList<ReadOnlyMemory<byte>>? read))
                throw new InvalidDataException("a bundle of entries is malformed");
            entries.AddRange(read.Skip((int)Math.Max(0, from - (tile.Index * TilePath.FullWidth))));
        }

        return entries;
    }
}
