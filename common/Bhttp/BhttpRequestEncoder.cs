using System.Buffers;
using Veil.Wire;

namespace Veil.Bhttp;

/// <summary>
/// Writes one request in the indeterminate-length form while its content comes into being (RFC 9292 section 3.2): head, any number
/// of content pieces, end. Calls out of that order throw <see cref="InvalidOperationException"/>.
/// </summary>
public sealed class BhttpRequestEncoder
{
    private BodyEncoder _body;

    /// <summary>Writes framing indicator, control data and header section.</summary>
    public void WriteHead(IBufferWriter<byte> output, RequestHead head)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(head);
        _body.Start();
        int size = 1 + head.ControlDataSize + head.Headers.Size + 1;
        var writer = new WireWriter(output.GetSpan(size));
        writer.WriteByte((byte)Framing.IndeterminateLengthRequest);
        head.WriteControlData(ref writer);
        head.Headers.Write(ref writer);
        writer.WriteByte(0);
        output.Advance(writer.Written);
    }

    /// <summary>Writes one piece of content; an empty one writes nothing.</summary>
    public void WriteContent(IBufferWriter<byte> output, ReadOnlySpan<byte> content) => _body.WriteContent(output, content);

    /// <summary>Ends the content, writes the trailer section and <paramref name="padding"/> zero bytes.</summary>
    public void WriteEnd(IBufferWriter<byte> output, FieldSection? trailers = null, int padding = 0) => _body.WriteEnd(output, trailers, padding);
}
