using System.Buffers;
using Veil.Wire;

namespace Veil.Bhttp;

/// <summary>
/// Writes one response in the indeterminate-length form while its content comes into being (RFC 9292 section 3.2): informational
/// heads, the final head, any number of content pieces, end. Calls out of that order throw <see cref="InvalidOperationException"/>.
/// </summary>
public sealed class BhttpResponseEncoder
{
    private BodyEncoder _body;
    private bool _hasFraming;

    /// <summary>Writes one head, informational or final; a final one opens the content.</summary>
    public void WriteHead(IBufferWriter<byte> output, ResponseHead head)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(head);
        if (head.IsInformational)
            _body.ThrowIfStarted();
        else
            _body.Start();

        var writer = new WireWriter(output.GetSpan(1 + ResponseHead.StatusSize + head.Headers.Size + 1));
        if (!_hasFraming)
            writer.WriteByte((byte)Framing.IndeterminateLengthResponse);
        _hasFraming = true;
        writer.WriteVarint((ulong)head.Status);
        head.Headers.Write(ref writer);
        writer.WriteByte(0);
        output.Advance(writer.Written);
    }

    /// <summary>Writes one piece of content; an empty one writes nothing.</summary>
    public void WriteContent(IBufferWriter<byte> output, ReadOnlySpan<byte> content) => _body.WriteContent(output, content);

    /// <summary>Ends the content, writes the trailer section and <paramref name="padding"/> zero bytes.</summary>
    public void WriteEnd(IBufferWriter<byte> output, FieldSection? trailers = null, int padding = 0) => _body.WriteEnd(output, trailers, padding);
}
