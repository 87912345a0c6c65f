namespace Veil.Gateway.Keys;

/// <summary>What clients are told about the OHTTP keys.</summary>
/// <param name="Bytes">The <c>application/ohttp-keys</c> document of the active key.</param>
/// <param name="MaxAge">For how long it may be kept.</param>
/// <param name="Previous">The document before it, byte for byte as it was; empty once the overlap is over.</param>
internal sealed record AdvertisedKeys(ReadOnlyMemory<byte> Bytes, TimeSpan MaxAge, ReadOnlyMemory<byte> Previous);
