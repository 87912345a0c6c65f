using System.Buffers;
using Veil.Wire;

namespace Veil.Bhttp;

/// <summary>Writes what follows the head of an indeterminate-length message, and holds the order of calls.</summary>
internal struct BodyEncoder
{
    private const int LongestPaddingPiece = 4096;

    private bool _hasStarted;
    private bool _hasEnded;

    public readonly void ThrowIfStarted()
    {
        if (_hasStarted)
            throw new InvalidOperationException("The head of this message was written already.");
    }

    public void Start()
    {
        ThrowIfStarted();
        _hasStarted = true;
    }

    public readonly void WriteContent(IBufferWriter<byte> output, ReadOnlySpan<byte> content)
    {
        ArgumentNullException.ThrowIfNull(output);
        ThrowIfNotOpen();
        if (content.IsEmpty)
            return;
        var writer = new WireWriter(output.GetSpan(FieldLine.VectorSize(content.Length)));
        writer.WriteVectorVarint(content);
        output.Advance(writer.Written);
    }

    public void WriteEnd(IBufferWriter<byte> output, FieldSection? trailers, int padding)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentOutOfRangeException.ThrowIfNegative(padding);
        ThrowIfNotOpen();
        _hasEnded = true;
        var writer = new WireWriter(output.GetSpan(1 + (trailers?.Size ?? 0) + 1));
        writer.WriteByte(0);
        trailers?.Write(ref writer);
        writer.WriteByte(0);
        output.Advance(writer.Written);
        for (int piece; padding > 0; padding -= piece)
        {
            piece = Math.Min(padding, LongestPaddingPiece);
            output.GetSpan(piece)[..piece].Clear();
            output.Advance(piece);
        }
    }

    private readonly void ThrowIfNotOpen()
    {
        if (!_hasStarted || _hasEnded)
            throw new InvalidOperationException("Content goes between the head and the end of a message, and an end is written once.");
    }
}
