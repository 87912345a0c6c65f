namespace Veil.Relay.Mirror;

/// <summary>One fetched copy of a gateway's <c>application/ohttp-keys</c>: exact bytes, unread.</summary>
internal sealed record MirroredKeys(ReadOnlyMemory<byte> Bytes, DateTimeOffset FetchedAt);
