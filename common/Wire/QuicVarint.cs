using System.Buffers.Binary;
using System.Numerics;

namespace Veil.Wire;

/// <summary>
/// Variable-length integers (RFC 9000 section 16): the two top bits of the first byte give the width (1, 2, 4 or 8 bytes),
/// the value is big-endian in the remaining 6, 14, 30 or 62 bits. Any width is accepted for any value.
/// </summary>
public static class QuicVarint
{
    /// <summary>The largest value that can be written, 2^62 - 1.</summary>
    public const ulong MaxValue = (1UL << 62) - 1;

    /// <summary>The longest form, in bytes.</summary>
    public const int MaxSize = 8;

    /// <summary>Width of a varint in bytes, known from its first byte.</summary>
    public static int SizeFrom(byte first) => 1 << (first >> 6);

    /// <summary>Width of the shortest form of <paramref name="value"/> in bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is above <see cref="MaxValue"/>.</exception>
    public static int Size(ulong value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxValue);
        return (64 - BitOperations.LeadingZeroCount(value | 1)) switch
        {
            <= 6 => 1,
            <= 14 => 2,
            <= 30 => 4,
            _ => 8,
        };
    }

    /// <summary>Reads one varint from the start of <paramref name="source"/>; false when it is cut short.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out ulong value, out int size)
    {
        size = source.IsEmpty ? 1 : SizeFrom(source[0]);
        if (source.Length < size)
        {
            value = 0;
            return false;
        }

        value = size switch
        {
            1 => source[0],
            2 => BinaryPrimitives.ReadUInt16BigEndian(source) & 0x3FFFu,
            4 => BinaryPrimitives.ReadUInt32BigEndian(source) & 0x3FFF_FFFFu,
            _ => BinaryPrimitives.ReadUInt64BigEndian(source) & MaxValue,
        };
        return true;
    }

    /// <summary>Writes the shortest form and returns its width in bytes.</summary>
    public static int Write(Span<byte> destination, ulong value)
    {
        int size = Size(value);
        switch (size)
        {
            case 1:
                destination[0] = (byte)value;
                break;
            case 2:
                BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)(value | 0x4000));
                break;
            case 4:
                BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)value | 0x8000_0000);
                break;
            default:
                BinaryPrimitives.WriteUInt64BigEndian(destination, value | 0xC000_0000_0000_0000);
                break;
        }

        return size;
    }
}
