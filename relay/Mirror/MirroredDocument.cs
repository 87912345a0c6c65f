namespace Veil.Relay.Mirror;

/// <summary>One fetched copy of a gateway's document: exact bytes, unread.</summary>
internal sealed record MirroredDocument(ReadOnlyMemory<byte> Bytes, DateTimeOffset FetchedAt);
