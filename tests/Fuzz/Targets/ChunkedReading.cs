using Veil.Ohttp;

namespace Veil.Fuzz.Targets;

/// <summary>Feeds a chunked message in pieces and holds the opener to its contract.</summary>
internal static class ChunkedReading
{
    /// <summary>The first byte of the input says how long the pieces are. Returns the last status.</summary>
    internal static ChunkStatus Drain(ChunkedOpener opener, ReadOnlySpan<byte> input)
    {
        int piece = input.IsEmpty ? 1 : 1 + input[0];
        ReadOnlySpan<byte> rest = input.IsEmpty ? input : input[1..];
        var room = new byte[opener.MaxChunkSize];
        while (true)
        {
            ReadOnlySpan<byte> part = rest[..Math.Min(piece, rest.Length)];
            bool last = part.Length == rest.Length;
            ChunkStatus status = opener.Read(part, last, out int consumed, room, out int written);
            rest = rest[consumed..];
            bool sound = status switch
            {
                ChunkStatus.NeedMoreInput => consumed == part.Length && written == 0 && !last,
                ChunkStatus.Chunk => written > 0,
                ChunkStatus.Final => last && rest.IsEmpty,
                _ => written == 0 && opener.Error is not OhttpError.None,
            };
            if (!sound)
                throw new InvalidOperationException($"A read gave {status} with {consumed} consumed and {written} written.");
            if (status is ChunkStatus.Final or ChunkStatus.Failed)
                return status;
        }
    }
}
