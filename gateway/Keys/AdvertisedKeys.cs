namespace Veil.Gateway.Keys;

/// <summary>What clients are told about the OHTTP keys.</summary>
/// <param name="Bytes">An <c>application/ohttp-keys</c> document.</param>
/// <param name="MaxAge">For how long it may be kept.</param>
internal sealed record AdvertisedKeys(ReadOnlyMemory<byte> Bytes, TimeSpan MaxAge);
