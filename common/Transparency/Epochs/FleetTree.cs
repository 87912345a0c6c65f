using System.Security.Cryptography;

namespace Veil.Transparency.Epochs;

/// <summary>
/// The fleet of one epoch: an RFC 6962 tree over the claims of all hosts, ordered by SHA-256(root of the fleet before || claims). So nobody chooses a host's place: it
/// changes with every epoch, and is not known before the one before is published.
/// </summary>
public sealed class FleetTree
{
    /// <summary>Fleets up to this many hosts are fetched whole: some hundred kilobytes, and a draw then tells nobody anything.</summary>
    public const int MaxFetchedWhole = 64;

    private readonly GrowingTree _tree = new();

    private FleetTree(IReadOnlyList<ReadOnlyMemory<byte>> claims)
    {
        Claims = claims;
        foreach (ReadOnlyMemory<byte> host in claims)
        {
            _tree.Append(MerkleTree.LeafHash(host.Span));
        }

        Root = _tree.Root(_tree.Size);
    }

    /// <summary>The root of a fleet without hosts: what the genesis is ordered by.</summary>
    public static ReadOnlyMemory<byte> EmptyRoot { get; } = SHA256.HashData([]);

    /// <summary>The claims' exact bytes, in order.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Claims { get; }

    /// <summary>The root, 32 bytes.</summary>
    public ReadOnlyMemory<byte> Root { get; }

    /// <summary>Puts the hosts in order and hashes them.</summary>
    /// <param name="previousRoot">The root of the fleet in the head before, or <see cref="EmptyRoot"/>.</param>
    /// <param name="claims">Of each host once, in any order.</param>
    public static FleetTree Build(ReadOnlyMemory<byte> previousRoot, IEnumerable<ReadOnlyMemory<byte>> claims) =>
        new([.. claims.OrderBy(host => Convert.ToHexString(PlaceOf(previousRoot.Span, host.Span)), StringComparer.Ordinal)]);

    /// <summary>True when the claims stand in the one order, so that none stands there twice.</summary>
    public static bool IsInOrder(ReadOnlyMemory<byte> previousRoot, IReadOnlyList<ReadOnlyMemory<byte>> claims)
    {
        ArgumentNullException.ThrowIfNull(claims);
        byte[] before = [];
        foreach (ReadOnlyMemory<byte> host in claims)
        {
            byte[] place = PlaceOf(previousRoot.Span, host.Span);
            if (place.AsSpan().SequenceCompareTo(before) <= 0)
            {
                return false;
            }

            before = place;
        }

        return true;
    }

    /// <summary>True when these claims, in this order, are the fleet that a head names.</summary>
    public static bool IsWhole(EpochHead head, ReadOnlyMemory<byte> previousRoot, IReadOnlyList<ReadOnlyMemory<byte>> claims)
    {
        ArgumentNullException.ThrowIfNull(head);
        return claims.Count == head.FleetTotal && IsInOrder(previousRoot, claims) && new FleetTree(claims).Root.Span.SequenceEqual(head.FleetRoot.Span);
    }

    /// <summary>True when a host stands at an index of the fleet that a head names.</summary>
    public static bool Contains(EpochHead head, long index, ReadOnlySpan<byte> claims, IReadOnlyList<ReadOnlyMemory<byte>> proof)
    {
        ArgumentNullException.ThrowIfNull(head);
        return MerkleTree.VerifyInclusion(MerkleTree.LeafHash(claims), index, head.FleetTotal, proof, head.FleetRoot.Span);
    }

    /// <summary>The proof of the host at <paramref name="index"/>, out of hashes that are kept. Thread-safe.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Prove(int index) => _tree.ProveInclusion(index, _tree.Size);

    private static byte[] PlaceOf(ReadOnlySpan<byte> previousRoot, ReadOnlySpan<byte> claims) => SHA256.HashData([.. previousRoot, .. claims]);
}
