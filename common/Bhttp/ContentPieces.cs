using System.Buffers;

namespace Veil.Bhttp;

/// <summary>Follows a decoder through a message in memory and joins its content: one piece is a slice of the message, several are copied together.</summary>
internal struct ContentPieces(ReadOnlyMemory<byte> message)
{
    private ReadOnlyMemory<byte> _rest = message;
    private ReadOnlyMemory<byte> _first;
    private ArrayBufferWriter<byte>? _joined;

    /// <summary>What the decoder has not consumed.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest.Span;

    /// <summary>All content so far.</summary>
    public readonly ReadOnlyMemory<byte> Whole => _joined?.WrittenMemory ?? _first;

    /// <summary>Goes on; the last <paramref name="content"/> bytes of what was consumed are content.</summary>
    public void Advance(int consumed, int content)
    {
        ReadOnlyMemory<byte> piece = _rest[(consumed - content)..consumed];
        _rest = _rest[consumed..];
        if (piece.IsEmpty)
            return;
        if (_first.IsEmpty)
        {
            _first = piece;
            return;
        }

        if (_joined is null)
        {
            _joined = new ArrayBufferWriter<byte>(_first.Length + _rest.Length);
            _joined.Write(_first.Span);
        }

        _joined.Write(piece.Span);
    }
}
