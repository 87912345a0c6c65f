using System.Diagnostics.CodeAnalysis;
using Veil.Wire;

namespace Veil.Bhttp;

/// <summary>A whole request in memory. Reads both framings, writes the known-length one (RFC 9292 section 3.1).</summary>
/// <param name="Head">Control data and header section.</param>
/// <param name="Content">The content; after parsing, where possible, a part of the parsed memory itself.</param>
/// <param name="Trailers">The trailer section, null or empty for none.</param>
public sealed record BinaryRequest(RequestHead Head, ReadOnlyMemory<byte> Content, FieldSection? Trailers = null)
{
    /// <summary>Bytes of the message on the wire, without padding.</summary>
    public int Size => 1 + Head.ControlDataSize + WholeMessage.Size(Head.Headers, Content.Length, Trailers);

    /// <summary>Parses one whole message.</summary>
    /// <param name="message">Untrusted bytes; they must not change while the result is in use.</param>
    /// <param name="limits">Bounds; null for the defaults.</param>
    /// <param name="request">The request, or null.</param>
    /// <param name="error">Why it was refused.</param>
    public static bool TryParse(ReadOnlyMemory<byte> message, BhttpLimits? limits, [NotNullWhen(true)] out BinaryRequest? request, out BhttpError error)
    {
        var decoder = new BhttpRequestDecoder(limits);
        var content = new ContentPieces(message);
        BhttpEvent found;
        do
        {
            found = decoder.Read(content.Rest, endOfInput: true, out int consumed, out ReadOnlySpan<byte> piece);
            content.Advance(consumed, piece.Length);
        }
        while (found is not (BhttpEvent.End or BhttpEvent.Failed));

        error = decoder.Error;
        request = error is BhttpError.None ? new BinaryRequest(decoder.Head!, content.Whole, decoder.Trailers) : null;
        return request is not null;
    }

    /// <summary>Writes <see cref="Size"/> bytes; false, and nothing written, when they do not fit. To pad, add zero bytes behind them.</summary>
    public bool TryWrite(Span<byte> destination, out int written)
    {
        written = 0;
        if (destination.Length < Size)
            return false;
        var writer = new WireWriter(destination);
        writer.WriteByte((byte)Framing.KnownLengthRequest);
        Head.WriteControlData(ref writer);
        WholeMessage.Write(ref writer, Head.Headers, Content.Span, Trailers);
        written = writer.Written;
        return true;
    }
}
