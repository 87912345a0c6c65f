using System.Diagnostics.CodeAnalysis;
using Veil.Wire;

namespace Veil.Bhttp;

/// <summary>A whole response in memory. Reads both framings, writes the known-length one (RFC 9292 section 3.1).</summary>
/// <param name="Head">Final status and header section.</param>
/// <param name="Content">The content; after parsing, where possible, a part of the parsed memory itself.</param>
/// <param name="Trailers">The trailer section, null or empty for none.</param>
public sealed record BinaryResponse(ResponseHead Head, ReadOnlyMemory<byte> Content, FieldSection? Trailers = null)
{
    /// <summary>Informational responses that came or go before the final one.</summary>
    public IReadOnlyList<ResponseHead> Informational { get; init; } = [];

    /// <summary>Bytes of the message on the wire, without padding.</summary>
    public int Size
    {
        get
        {
            int size = 1 + ResponseHead.StatusSize + WholeMessage.Size(Head.Headers, Content.Length, Trailers);
            for (int i = 0; i < Informational.Count; i++)
                size += ResponseHead.StatusSize + FieldLine.VectorSize(Informational[i].Headers.Size);
            return size;
        }
    }

    /// <summary>Parses one whole message.</summary>
    /// <param name="message">Untrusted bytes; they must not change while the result is in use.</param>
    /// <param name="limits">Bounds; null for the defaults.</param>
    /// <param name="response">The response, or null.</param>
    /// <param name="error">Why it was refused.</param>
    public static bool TryParse(ReadOnlyMemory<byte> message, BhttpLimits? limits, [NotNullWhen(true)] out BinaryResponse? response, out BhttpError error)
    {
        var decoder = new BhttpResponseDecoder(limits);
        var content = new ContentPieces(message);
        List<ResponseHead>? informational = null;
        BhttpEvent found;
        do
        {
            found = decoder.Read(content.Rest, endOfInput: true, out int consumed, out ReadOnlySpan<byte> piece);
            content.Advance(consumed, piece.Length);
            if (found is BhttpEvent.Informational)
                (informational ??= []).Add(decoder.Informational!);
        }
        while (found is not (BhttpEvent.End or BhttpEvent.Failed));

        error = decoder.Error;
        response = error is BhttpError.None ? new BinaryResponse(decoder.Head!, content.Whole, decoder.Trailers) { Informational = informational ?? [] } : null;
        return response is not null;
    }

    /// <summary>Writes <see cref="Size"/> bytes; false, and nothing written, when they do not fit. To pad, add zero bytes behind them.</summary>
    /// <exception cref="InvalidOperationException"><see cref="Head"/> is informational, or one of <see cref="Informational"/> is not.</exception>
    public bool TryWrite(Span<byte> destination, out int written)
    {
        if (Head.IsInformational || Informational.Any(head => !head.IsInformational))
            throw new InvalidOperationException("A response has one final status, after any informational ones.");
        written = 0;
        if (destination.Length < Size)
            return false;
        var writer = new WireWriter(destination);
        writer.WriteByte((byte)Framing.KnownLengthResponse);
        for (int i = 0; i < Informational.Count; i++)
        {
            writer.WriteVarint((ulong)Informational[i].Status);
            WholeMessage.WriteSection(ref writer, Informational[i].Headers);
        }

        writer.WriteVarint((ulong)Head.Status);
        WholeMessage.Write(ref writer, Head.Headers, Content.Span, Trailers);
        written = writer.Written;
        return true;
    }
}
