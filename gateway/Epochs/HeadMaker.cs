using Veil.Attestation;
using Veil.Transparency.Epochs;

namespace Veil.Gateway.Epochs;

/// <summary>Makes the head of an epoch out of the promises of this moment, and keeps what it names.</summary>
internal sealed class HeadMaker(
    TrustBundle bundle, Promises promises, PublishedLog log, DocumentStore store, MatureHosts mature, EpochAssembly assembly, string releasesDirectory, ILogger logger)
{
    /// <summary>The head of an epoch; every document and record that it names is kept by then.</summary>
    /// <param name="epoch">Its number.</param>
    /// <param name="previousRoot">Root of the fleet in the head before.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public async Task<EpochHead> MakeAsync(long epoch, ReadOnlyMemory<byte> previousRoot, CancellationToken cancellationToken)
    {
        Choice choice = await ChooseAsync(epoch, cancellationToken);
        if (choice.LeftOut.Count > 0)
            logger.HostsNotListed(choice.LeftOut.Count);
        HostRecord[] hosts = [.. Promises.EachOnce(choice.Accepted).Select(host => host.Record)];
        FleetTree fleet = FleetTree.Build(previousRoot, hosts.Select(host => host.EncodedClaims));
        foreach (HostRecord host in hosts)
            await store.KeepAsync(host.Encode(), cancellationToken);
        return new()
        {
            Epoch = epoch,
            Keys = await store.KeepAsync(promises.Keys, cancellationToken),
            Issuer = await store.KeepAsync(promises.Issuer, cancellationToken),
            Challenge = await store.KeepAsync(promises.Challenge, cancellationToken),
            Policy = await store.KeepAsync(choice.Documents.Policy, cancellationToken),
            Releases = await store.KeepAsync(choice.Documents.Releases, cancellationToken),
            FleetTotal = fleet.Claims.Count,
            FleetRoot = await KeepFleetAsync(fleet, hosts, cancellationToken),
        };
    }

    /// <summary>True when a head of this moment would leave out a verified host for the age of its claims alone.</summary>
    public async Task<bool> AreSomeTooOldAsync(long epoch, CancellationToken cancellationToken)
    {
        Choice choice = await ChooseAsync(epoch, cancellationToken);
        return choice.LeftOut.Any(host => choice.Rule.IsTooOld(host.Record, EndOf(epoch)));
    }

    /// <summary>A head stands for its epoch and the next.</summary>
    private DateTimeOffset EndOf(long epoch) => bundle.Epochs.StartOf(epoch + 2);

    private async Task<Choice> ChooseAsync(long epoch, CancellationToken cancellationToken)
    {
        var documents = new PolicyDocuments(promises.Policy, promises.Releases(releasesDirectory, bundle));
        HostRule rule = mature.Rule(documents, await MatureDocumentsAsync(epoch, cancellationToken) ?? documents);
        ILookup<bool, AppraisedHost> hosts = promises.Hosts(EndOf(epoch)).ToLookup(host => rule.Accepts(host.Record, EndOf(epoch)) && MatureHosts.IsProvenBy(host.Record, epoch));
        return new(documents, rule, [.. hosts[true]], [.. hosts[false]]);
    }

    /// <summary>What the head of the releases' age says of hosts; null before there is one.</summary>
    private async Task<PolicyDocuments?> MatureDocumentsAsync(long epoch, CancellationToken cancellationToken)
    {
        long index = bundle.Epochs.Before(epoch, bundle.ReleaseMaturity);
        return index < log.Size && log.Head(index) is { } head ? await assembly.DocumentsOfAsync(head, cancellationToken) : null;
    }

    /// <summary>The records in the fleet's order, in a document named by the root: what a restart, or another replica, serves the epoch from.</summary>
    private async Task<ReadOnlyMemory<byte>> KeepFleetAsync(FleetTree fleet, IReadOnlyList<HostRecord> hosts, CancellationToken cancellationToken)
    {
        Dictionary<string, HostRecord> byClaims = hosts.ToDictionary(host => Convert.ToHexString(host.EncodedClaims.Span));
        await store.KeepFleetAsync(fleet.Root, [.. fleet.Claims.Select(claims => (ReadOnlyMemory<byte>)byClaims[Convert.ToHexString(claims.Span)].Encode())], cancellationToken);
        return fleet.Root;
    }

    /// <summary>What a head says of hosts, and which verified ones clients accept by it.</summary>
    private sealed record Choice(PolicyDocuments Documents, HostRule Rule, IReadOnlyList<AppraisedHost> Accepted, IReadOnlyList<AppraisedHost> LeftOut);
}
