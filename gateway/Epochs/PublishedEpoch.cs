using Veil.Transparency.Epochs;

namespace Veil.Gateway.Epochs;

/// <summary>One epoch as it is served: made once, the same bytes for everyone.</summary>
/// <param name="Head">The head.</param>
/// <param name="Package">What relays mirror, <see cref="EpochPackage"/>.</param>
/// <param name="Documents">The documents that the package's heads name, <see cref="DocumentSet"/>.</param>
/// <param name="Fleet">The hosts.</param>
internal sealed record PublishedEpoch(EpochHead Head, ReadOnlyMemory<byte> Package, ReadOnlyMemory<byte> Documents, ServedFleet Fleet);
