using System.Globalization;
using System.Net;
using Veil.ServiceDefaults;
using Veil.Transparency;

namespace Veil.Gateway.Epochs;

/// <summary>The log's end point: reads what is in it, and adds heads at the index of their epoch and nowhere else.</summary>
internal sealed class HeadLog : IDisposable
{
    private readonly EpochOptions _options;
    private readonly HttpClient _http;
    private readonly Uri _root;

    public HeadLog(EpochOptions options)
    {
        _options = options;
        _root = new Uri(options.Log!.AbsoluteUri.TrimEnd('/') + "/");
        _http = new HttpClient(OutboundHandler.Create(options.Tls.ToAuthenticationOptions(), options.LocalAddress)) { Timeout = options.CallTimeout, MaxResponseContentBufferSize = EntryBundle.MaxSize };
        if (options.LogSecretFile is { } file)
            _http.DefaultRequestHeaders.Authorization = BearerSecretFile.Read(file);
    }

    /// <summary>The published checkpoint's signed note; null where nothing is published yet.</summary>
    public async Task<byte[]?> ReadCheckpointAsync(CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await _http.GetAsync(new Uri(_root, "checkpoint"), cancellationToken);
        if (answer.StatusCode is HttpStatusCode.NotFound)
            return null;
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsByteArrayAsync(cancellationToken);
    }

    /// <summary>The entries from one index to before another.</summary>
    /// <exception cref="InvalidDataException">A bundle is none.</exception>
    public async Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadEntriesAsync(long from, long size, CancellationToken cancellationToken)
    {
        var entries = new List<ReadOnlyMemory<byte>>();
        foreach (TilePath tile in TilePath.All(null, size, from))
        {
            byte[] bundle = await _http.GetByteArrayAsync(new Uri(_root, tile.ToString()), cancellationToken);
            if (!EntryBundle.TryParse(bundle, tile.Width, out IReadOnlyList<ReadOnlyMemory<byte>>? read))
                throw new InvalidDataException("a bundle of entries is malformed");
            entries.AddRange(read.Skip((int)Math.Max(0, from - (tile.Index * TilePath.FullWidth))));
        }

        return entries;
    }

    /// <summary>Adds an entry at an index, or finds it there; the witnessed checkpoint over it. Null where another entry has that place.</summary>
    public async Task<byte[]?> AppendAsync(long index, byte[] entry, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(entry);
        using HttpResponseMessage answer = await _http.PostAsync(new Uri(_root, string.Create(CultureInfo.InvariantCulture, $"append?index={index}")), content, cancellationToken);
        if (answer.StatusCode is HttpStatusCode.Conflict)
            return null;
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsByteArrayAsync(cancellationToken);
    }

    public void Dispose() => _http.Dispose();
}
