using Veil.Ohttp;

namespace Veil.Fuzz.Targets;

/// <summary>A chunked response to a fresh request never completes unless the gateway sealed it, whatever the bytes and pieces.</summary>
public static class ChunkedResponseTarget
{
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        using var request = new ChunkedRequestSealer(OhttpKeys.Chunked.Config, SymmetricSuite.Aes128Gcm);
        using ChunkedResponseOpener opener = request.CreateResponseOpener();
        if (ChunkedReading.Drain(opener, input) is not ChunkStatus.Failed)
            throw new InvalidOperationException("A response of nobody's opened.");
    }
}
