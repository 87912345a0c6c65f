using Veil.Bhttp;

namespace Veil.Fuzz.Targets;

/// <summary>A request means the same whole and cut in two; what was read can be written, and reads as the same again.</summary>
public static class BhttpRequestTarget
{
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        bool accepted = BinaryRequest.TryParse(input.ToArray(), null, out BinaryRequest? request, out BhttpError error);
        if (accepted != (error is BhttpError.None) || ErrorInPieces(input) != error)
            throw new InvalidOperationException("Whole and in pieces, the message differs.");
        if (request is null)
            return;
        byte[] written = new byte[request.Size];
        if (!request.TryWrite(written, out int size) || size != written.Length
            || !BinaryRequest.TryParse(written, null, out BinaryRequest? again, out _)
            || again.Head.Path != request.Head.Path || again.Head.Headers.Count != request.Head.Headers.Count
            || !again.Content.Span.SequenceEqual(request.Content.Span))
            throw new InvalidOperationException("The message changed when it was written again.");
    }

    private static BhttpError ErrorInPieces(ReadOnlySpan<byte> input)
    {
        var decoder = new BhttpRequestDecoder();
        int start = 0;
        int end = input.Length / 2;
        while (true)
        {
            BhttpEvent found = decoder.Read(input[start..end], end == input.Length, out int consumed, out _);
            start += consumed;
            if (found is BhttpEvent.End or BhttpEvent.Failed)
                return decoder.Error;
            if (found is BhttpEvent.NeedMoreInput)
                end = input.Length;
        }
    }
}
