using Veil.Bhttp;

namespace Veil.Fuzz.Targets;

/// <summary>A response means the same whole and cut in two; what was read can be written, and reads as the same again.</summary>
public static class BhttpResponseTarget
{
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        bool accepted = BinaryResponse.TryParse(input.ToArray(), null, out BinaryResponse? response, out BhttpError error);
        if (accepted != (error is BhttpError.None) || ErrorInPieces(input) != error)
            throw new InvalidOperationException("Whole and in pieces, the message differs.");
        if (response is null)
            return;
        byte[] written = new byte[response.Size];
        if (!response.TryWrite(written, out int size) || size != written.Length
            || !BinaryResponse.TryParse(written, null, out BinaryResponse? again, out _)
            || again.Head.Status != response.Head.Status || again.Head.Headers.Count != response.Head.Headers.Count
            || !again.Content.Span.SequenceEqual(response.Content.Span))
            throw new InvalidOperationException("The message changed when it was written again.");
    }

    private static BhttpError ErrorInPieces(ReadOnlySpan<byte> input)
    {
        var decoder = new BhttpResponseDecoder();
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
