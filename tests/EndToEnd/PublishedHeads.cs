using System.Globalization;
using System.Security.Cryptography;
using Veil.DevStack;
using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.EndToEnd;

/// <summary>The heads in a deployment's log, and the documents that its gateway keeps of them.</summary>
internal sealed class PublishedHeads(Deployment deployment, HttpClient ordinary)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The gateway's <c>Epochs:Directory</c>.</summary>
    public string Folder => Path.Combine(deployment.Gateway.Folder, "documents");

    /// <summary>How many there are.</summary>
    public async Task<long> SizeAsync()
    {
        string checkpoint = await ordinary.GetStringAsync(new Uri(deployment.Plan.Log.Url, "checkpoint"), Cancellation);
        return long.Parse(checkpoint.Split('\n')[1], CultureInfo.InvariantCulture);
    }

    /// <summary>All of them, as long as they fit into one tile.</summary>
    public async Task<EpochHead[]> ReadAsync()
    {
        int size = (int)await SizeAsync();
        byte[] bundle = await ordinary.GetByteArrayAsync(new Uri(deployment.Plan.Log.Url, TilePath.OfEntries(0, size).ToString()), Cancellation);
        Assert.True(EntryBundle.TryParse(bundle, size, out IReadOnlyList<ReadOnlyMemory<byte>>? entries));
        return [.. entries.Select(entry => EpochHead.TryParse(entry.Span[..entry.Span.IndexOf((byte)'\n')], out EpochHead? head) ? head : throw new InvalidDataException("an entry is no head"))];
    }

    /// <summary>The file that lists a head's hosts.</summary>
    public string FleetFile(EpochHead head) => Path.Combine(Folder, $"fleet-{Convert.ToHexStringLower(head.FleetRoot.Span)}");

    /// <summary>The files of a head's host records, in the fleet's order.</summary>
    public IEnumerable<string> RecordFiles(EpochHead head) =>
        head.FleetTotal is 0 ? [] : File.ReadAllBytes(FleetFile(head)).Chunk(SHA256.HashSizeInBytes).Select(hash => Path.Combine(Folder, Convert.ToHexStringLower(hash)));

    /// <summary>A head's hosts.</summary>
    public IReadOnlyList<ListedHost> Fleet(EpochHead head) => [.. RecordFiles(head).Select(file => ListedHost.Read(File.ReadAllBytes(file)))];
}
