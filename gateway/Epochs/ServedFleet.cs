using Veil.Attestation;
using Veil.Transparency.Epochs;

namespace Veil.Gateway.Epochs;

/// <summary>The hosts of one epoch as clients fetch them: a small fleet whole, of a larger one those that a client drew, each with its proofs.</summary>
internal sealed class ServedFleet
{
    /// <summary>Most hosts of one question: more than a request is sealed to, and a bound on what one answer holds.</summary>
    private const int MaxDrawn = 8;

    private readonly FleetTree _tree;
    private readonly IReadOnlyList<ReadOnlyMemory<byte>> _records;
    private readonly ulong[] _named;
    private readonly PublishedLog _log;
    private readonly long _logSize;

    /// <param name="tree">The fleet's tree.</param>
    /// <param name="records">The hosts' records in the tree's order.</param>
    /// <param name="log">What proves the checkpoints that claims name.</param>
    /// <param name="logSize">Size of the log that ends with the epoch's head.</param>
    /// <exception cref="InvalidDataException">Claims that no host made.</exception>
    public ServedFleet(FleetTree tree, IReadOnlyList<ReadOnlyMemory<byte>> records, PublishedLog log, long logSize)
    {
        (_tree, _records, _log, _logSize) = (tree, records, log, logSize);
        _named = [.. tree.Claims.Select(claims => HostClaims.TryParse(claims.Span, out HostClaims? parsed, out _) ? parsed.CheckpointSize : throw new InvalidDataException("a host's claims are malformed"))];
        if (records.Count <= FleetTree.MaxFetchedWhole)
            Whole = new DocumentSet([.. records, .. NamedCheckpoints.SizesToProve(_named, logSize).Select(size => ConsistencyProof.Encode(log.ProveConsistency(size, logSize)))]).Encode();
    }

    /// <summary>All records, and behind them the proofs of the checkpoints that they name; null for fleets that clients draw from.</summary>
    public ReadOnlyMemory<byte>? Whole { get; }

    /// <summary>The hosts at some indices, each with its proofs; null where an index is none, or there are too many.</summary>
    public byte[]? Find(IReadOnlyList<long> indices) =>
        indices.Count <= MaxDrawn && indices.All(index => index < _records.Count) ? new DocumentSet([.. indices.Select(index => (ReadOnlyMemory<byte>)Prove((int)index))]).Encode() : null;

    private byte[] Prove(int index)
    {
        bool needsProof = NamedCheckpoints.SizesToProve([_named[index]], _logSize) is [_];
        return new ProvenHost(_tree.Prove(index), needsProof ? _log.ProveConsistency((long)_named[index], _logSize) : [], _records[index]).Encode();
    }
}
