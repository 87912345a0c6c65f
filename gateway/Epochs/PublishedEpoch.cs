using Veil.Transparency.Epochs;

namespace Veil.Gateway.Epochs;

/// <summary>One epoch as it is served: made once, the same bytes for everyone.</summary>
/// <param name="Head">The head.</param>
/// <param name="Package">What relays mirror, <see cref="EpochPackage"/>.</param>
/// <param name="Documents">The documents that the package's heads name, <see cref="DocumentSet"/>.</param>
/// <param name="Fleet">The fleet's tree.</param>
/// <param name="Records">The hosts' records in the tree's order.</param>
internal sealed record PublishedEpoch(
    EpochHead Head, ReadOnlyMemory<byte> Package, ReadOnlyMemory<byte> Documents, FleetTree Fleet, IReadOnlyList<ReadOnlyMemory<byte>> Records)
{
    /// <summary>All records, for fleets that clients fetch whole; null for larger ones.</summary>
    public ReadOnlyMemory<byte>? WholeFleet { get; } = Records.Count <= FleetTree.MaxFetchedWhole ? new DocumentSet(Records).Encode() : null;
}
