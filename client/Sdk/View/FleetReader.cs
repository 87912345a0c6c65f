using System.Globalization;
using Veil.Attestation;
using Veil.Ohttp;
using Veil.Transparency.Epochs;

namespace Veil.ClientSdk;

/// <summary>Fetches hosts of an epoch, and holds them to the fleet that its head names: a small fleet whole, of a larger one the hosts at some indices, so that the cost does not grow with the fleet.</summary>
internal sealed class FleetReader(GatewayDocuments documents, WitnessedEpoch epoch, KeyConfig key)
{
    /// <summary>All hosts, in the tree's order.</summary>
    /// <exception cref="VeilException">The fleet is not the head's.</exception>
    public async Task<IReadOnlyList<FleetHost>> ReadWholeAsync(CancellationToken cancellationToken)
    {
        if (epoch.Head.FleetTotal is 0)
        {
            return [];
        }

        DocumentSet set = await GetAsync("hosts", cancellationToken).ConfigureAwait(false);
        int total = (int)epoch.Head.FleetTotal;
        if (set.Documents.Count < total)
        {
            throw Refused();
        }

        FleetHost[] hosts = [.. set.Documents.Take(total).Select(record => Parse(record, []))];
        ReadOnlyMemory<byte> previousRoot = epoch.Head.Epoch is 0 ? FleetTree.EmptyRoot : epoch.Previous.FleetRoot;
        IReadOnlyList<long> sizes = NamedCheckpoints.SizesToProve(hosts.Select(host => host.Claims.CheckpointSize), epoch.Checkpoint.Size);
        if (!FleetTree.IsWhole(epoch.Head, previousRoot, [.. hosts.Select(host => host.Record.EncodedClaims)]) || set.Documents.Count != total + sizes.Count)
        {
            throw Refused();
        }

        Dictionary<ulong, IReadOnlyList<ReadOnlyMemory<byte>>> proofs = sizes.Zip(set.Documents.Skip(total)).ToDictionary(
            pair => (ulong)pair.First, pair => ConsistencyProof.TryParse(pair.Second, out IReadOnlyList<ReadOnlyMemory<byte>>? proof) ? proof : throw Refused());
        return [.. hosts.Select(host => host with { Consistency = proofs.GetValueOrDefault(host.Claims.CheckpointSize, []) })];
    }

    /// <summary>The hosts at some indices, in that order.</summary>
    /// <exception cref="VeilException">One of them is not the head's.</exception>
    public async Task<IReadOnlyList<FleetHost>> ReadAsync(IReadOnlyList<int> indices, CancellationToken cancellationToken)
    {
        DocumentSet set = await GetAsync($"hosts/{string.Join(',', indices.Select(index => index.ToString(CultureInfo.InvariantCulture)))}", cancellationToken).ConfigureAwait(false);
        return set.Documents.Count == indices.Count ? [.. indices.Zip(set.Documents, Open)] : throw Refused();
    }

    private static FleetHost Parse(ReadOnlyMemory<byte> encoded, IReadOnlyList<ReadOnlyMemory<byte>> consistency) =>
        HostRecord.TryParse(encoded, out HostRecord? record, out _) && HostClaims.TryParse(record.EncodedClaims.Span, out HostClaims? claims, out _)
            ? new(record, claims, consistency)
            : throw Refused();

    private static VeilException Refused() => EpochViewMaker.Refused(EpochError.WrongFleet, Hop.Gateway);

    private FleetHost Open(int index, ReadOnlyMemory<byte> encoded)
    {
        FleetHost? host = ProvenHost.TryParse(encoded, out ProvenHost? proven) ? Parse(proven.Record, proven.Consistency) : null;
        return host is not null && FleetTree.Contains(epoch.Head, index, host.Record.EncodedClaims.Span, proven!.Inclusion) ? host : throw Refused();
    }

    private async Task<DocumentSet> GetAsync(string what, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> bytes = await documents.GetAsync(key, EpochViewMaker.Path(epoch, what), DocumentSet.MediaType, cancellationToken).ConfigureAwait(false);
        return DocumentSet.TryParse(bytes, out DocumentSet? set) ? set : throw Refused();
    }
}
