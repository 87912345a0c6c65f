using Veil.Wire;

namespace Veil.Bhttp;

/// <summary>
/// Holds the bytes of one element that the input has not completed yet. An element that lies whole in the input is handed out
/// from there; nothing is copied. The buffer grows with what arrived, never by a declared size.
/// </summary>
internal struct Carry
{
    private byte[]? _bytes;
    private int _count;

    /// <summary>True between elements.</summary>
    public readonly bool IsEmpty => _count is 0;

    /// <summary>Takes <paramref name="size"/> bytes, or all there are and returns false. The element is valid until the next call.</summary>
    public bool TryTake(scoped ref ReadOnlySpan<byte> input, int size, out ReadOnlySpan<byte> element)
    {
        if (_count is 0 && input.Length >= size)
        {
            element = input[..size];
            input = input[size..];
            return true;
        }

        ReadOnlySpan<byte> taken = input[..Math.Min(size - _count, input.Length)];
        Keep(taken);
        input = input[taken.Length..];
        if (_count < size)
        {
            element = default;
            return false;
        }

        element = _bytes.AsSpan(0, size);
        _count = 0;
        return true;
    }

    /// <summary>Takes one varint of any width, or all there is of it and returns false.</summary>
    public bool TryTakeVarint(scoped ref ReadOnlySpan<byte> input, out ulong value, out int size)
    {
        value = 0;
        size = 0;
        if (_count is 0 && input.IsEmpty)
            return false;
        return TryTake(ref input, QuicVarint.SizeFrom(_count is 0 ? input[0] : _bytes![0]), out ReadOnlySpan<byte> varint)
            && QuicVarint.TryRead(varint, out value, out size);
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_bytes is null || _bytes.Length < _count + bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_count + bytes.Length, Math.Max(64, 2 * _count)));
        bytes.CopyTo(_bytes.AsSpan(_count));
        _count += bytes.Length;
    }
}
