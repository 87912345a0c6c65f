using Veil.Ohttp;

namespace Veil.Fuzz.Targets;

/// <summary>Pieces of any size give chunks, a final one or a named failure, and the reader's contract holds at every step.</summary>
public static class ChunkedRequestTarget
{
    private static readonly GatewayKeys Keys = new(OhttpKeys.Chunked);

    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        using var opener = new ChunkedRequestOpener(Keys);
        ChunkStatus status = ChunkedReading.Drain(opener, input);
        if (status is not ChunkStatus.Final)
            return;

        using ChunkedResponseSealer response = opener.CreateResponseSealer();
        response.SealFinalChunk(default, new byte[ChunkedSealer.GetFinalChunkSize(0)]);
    }
}
