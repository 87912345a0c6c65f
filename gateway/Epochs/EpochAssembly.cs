using Veil.Attestation;
using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.Gateway.Epochs;

/// <summary>Puts together what is served of an epoch: the log's proofs, and the documents and hosts that were kept when its head was made, by this replica or another.</summary>
internal sealed class EpochAssembly(TrustBundle bundle, PublishedLog log, DocumentStore store)
{
    private readonly ElderProofs _elders = new(bundle, log, store);

    /// <summary>Assembles one.</summary>
    /// <param name="epoch">Its number; its head is in the log.</param>
    /// <param name="checkpoint">The cosigned checkpoint that ends with its head.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="InvalidDataException">Something of it is missing, or is not this authority's.</exception>
    public async Task<AssembledEpoch> AssembleAsync(long epoch, byte[] checkpoint, CancellationToken cancellationToken)
    {
        if (log.Head(epoch) is not { } head)
            throw new InvalidDataException("the log's last entry is not a head of this authority");

        long previous = bundle.Epochs.Before(epoch, bundle.Epochs.Length);
        long mature = bundle.Epochs.Before(epoch, bundle.ReleaseMaturity);
        long[] indices = [.. new[] { epoch, previous, mature }.Distinct()];
        EpochHead?[] heads = [.. indices.Select(log.Head)];
        if (heads.Any(found => found is null) || !bundle.Witnessing.TryVerify(checkpoint, out WitnessedCheckpoint? witnessed) || witnessed.Checkpoint.Size != epoch + 1 || !log.Matches(witnessed.Checkpoint))
            throw new InvalidDataException("an entry that clients look at is not a head of this authority, or the checkpoint is not of this epoch");
        if (bundle.Epochs.At(witnessed.WitnessedAt) < epoch)
            throw new InvalidDataException("the log's witnesses say that the epoch has not begun: this machine's clock, or theirs, is wrong");

        IEnumerable<ReadOnlyMemory<byte>> hashes = heads.SelectMany(found => new[] { found!.Keys, found.Issuer, found.Challenge, found.Policy, found.Releases });
        var documents = new List<ReadOnlyMemory<byte>>();
        foreach (ReadOnlyMemory<byte> hash in hashes.DistinctBy(hash => Convert.ToHexString(hash.Span)))
            documents.Add(await FindAsync(hash, cancellationToken));
        ServedFleet fleet = await FleetAsync(head, epoch is 0 ? FleetTree.EmptyRoot : heads[Array.IndexOf(indices, previous)]!.FleetRoot, cancellationToken);

        var shown = new SortedDictionary<long, byte[]>(indices.ToDictionary(index => index, _ => Array.Empty<byte>()));
        bool isInTime = await _elders.TryShowAsync(shown, previous, ElderRole.Announcing, cancellationToken) & await _elders.TryShowAsync(shown, mature, ElderRole.Maturing, cancellationToken);
        var package = new EpochPackage(
            [.. shown.Reverse().Select(pair => new ProvenEntry(log.Entry(pair.Key), log.Prove(pair.Key, epoch + 1, checkpoint), pair.Value))], await FindAsync(head.Keys, cancellationToken));
        return new(
            new PublishedEpoch(head, package.Encode(), new DocumentSet(documents).Encode(), fleet),
            await DocumentsOfAsync(head, cancellationToken),
            await DocumentsOfAsync(heads[Array.IndexOf(indices, mature)]!, cancellationToken),
            isInTime,
            witnessed.WitnessedAt);
    }

    /// <summary>What a head says of hosts.</summary>
    /// <exception cref="InvalidDataException">A document of it is missing.</exception>
    public async Task<PolicyDocuments> DocumentsOfAsync(EpochHead head, CancellationToken cancellationToken) => new(await FindAsync(head.Policy, cancellationToken), await FindAsync(head.Releases, cancellationToken));

    private async Task<ServedFleet> FleetAsync(EpochHead head, ReadOnlyMemory<byte> previousRoot, CancellationToken cancellationToken)
    {
        IReadOnlyList<ReadOnlyMemory<byte>> records = await store.FindFleetAsync(head.FleetRoot, cancellationToken) ?? throw new InvalidDataException("the fleet that the head names is not in Epochs:Directory");
        var claims = new List<ReadOnlyMemory<byte>>();
        foreach (ReadOnlyMemory<byte> record in records)
            claims.Add(HostRecord.TryParse(record, out HostRecord? parsed, out _) ? parsed.EncodedClaims : throw new InvalidDataException("a record in Epochs:Directory is malformed"));
        FleetTree tree = FleetTree.Build(previousRoot, claims);
        return tree.Root.Span.SequenceEqual(head.FleetRoot.Span)
            ? new ServedFleet(tree, records, log, head.Epoch + 1)
            : throw new InvalidDataException("the head's fleet is that of an older one: it fills a pause, and is not served");
    }

    private async Task<ReadOnlyMemory<byte>> FindAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken) =>
        await store.FindAsync(hash, cancellationToken) ?? throw new InvalidDataException("a document that a head names is not in Epochs:Directory");
}
