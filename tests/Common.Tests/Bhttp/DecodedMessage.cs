using System.Text;
using Veil.Bhttp;

namespace Veil.Common.Tests.Bhttp;

/// <summary>A message as a list of facts in one text, to compare what different readers or cuts of the input make of it.</summary>
internal static class DecodedMessage
{
    /// <summary>Pushes the message in pieces of the given sizes (the last size repeats) through the decoder that its first byte asks for.</summary>
    public static string Read(ReadOnlySpan<byte> message, bool isRequest, BhttpLimits? limits, params ReadOnlySpan<int> pieces)
    {
        var request = new BhttpRequestDecoder(limits);
        var response = new BhttpResponseDecoder(limits);
        var text = new StringBuilder();
        var content = new List<byte>();
        int start = 0, end = 0, piece = 0;
        while (true)
        {
            bool endOfInput = end == message.Length;
            BhttpEvent found = isRequest
                ? request.Read(message[start..end], endOfInput, out int consumed, out ReadOnlySpan<byte> part)
                : response.Read(message[start..end], endOfInput, out consumed, out part);
            start += consumed;
            switch (found)
            {
                case BhttpEvent.NeedMoreInput:
                    Assert.False(endOfInput);
                    Assert.Equal(end, start);
                    end = Math.Min(message.Length, end + (pieces.IsEmpty ? message.Length : pieces[Math.Min(piece++, pieces.Length - 1)]));
                    break;
                case BhttpEvent.Informational:
                    Head(text, response.Informational!);
                    break;
                case BhttpEvent.Head when isRequest:
                    Head(text, request.Head!);
                    break;
                case BhttpEvent.Head:
                    Head(text, response.Head!);
                    break;
                case BhttpEvent.Content:
                    Assert.False(part.IsEmpty);
                    content.AddRange(part);
                    break;
                case BhttpEvent.Trailers:
                    Fields(text, "trailer", isRequest ? request.Trailers : response.Trailers);
                    break;
                case BhttpEvent.End:
                    return text.Append("content ").Append(Convert.ToHexStringLower([.. content])).Append('\n').ToString();
                default:
                    return $"{(isRequest ? request.Error : response.Error)}";
            }
        }
    }

    /// <summary>The same text for a whole request.</summary>
    public static string Of(BinaryRequest request)
    {
        var text = new StringBuilder();
        Head(text, request.Head);
        return Rest(text, request.Content, request.Trailers);
    }

    /// <summary>The same text for a whole response.</summary>
    public static string Of(BinaryResponse response)
    {
        var text = new StringBuilder();
        foreach (ResponseHead head in response.Informational)
            Head(text, head);
        Head(text, response.Head);
        return Rest(text, response.Content, response.Trailers);
    }

    private static string Rest(StringBuilder text, ReadOnlyMemory<byte> content, FieldSection? trailers)
    {
        Fields(text, "trailer", trailers ?? new FieldSection());
        return text.Append("content ").Append(Convert.ToHexStringLower(content.Span)).Append('\n').ToString();
    }

    private static void Head(StringBuilder text, RequestHead head) =>
        Fields(text.Append(head.Method).Append(' ').Append(head.Scheme).Append(' ').Append(head.Authority).Append(' ').Append(head.Path).Append('\n'), "header", head.Headers);

    private static void Head(StringBuilder text, ResponseHead head) => Fields(text.Append(head.Status).Append('\n'), "header", head.Headers);

    private static void Fields(StringBuilder text, string kind, FieldSection section)
    {
        foreach (FieldLine line in section)
            text.Append(kind).Append(' ').Append(line.Name).Append('=').Append(line.Value).Append('\n');
    }
}
