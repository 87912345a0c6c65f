using System.Buffers.Binary;

namespace Veil.Wire;

/// <summary>
/// Writes big-endian fields into a span that the caller sized. A span that is too short or a vector that is too long is
/// the caller's mistake and throws; <see cref="Written"/> counts the bytes so far.
/// </summary>
public ref struct WireWriter
{
    private readonly Span<byte> _destination;

    /// <summary>Starts at the first byte of <paramref name="destination"/>.</summary>
    public WireWriter(Span<byte> destination) => _destination = destination;

    /// <summary>Bytes written so far.</summary>
    public int Written { get; private set; }

    /// <summary>One byte.</summary>
    public void WriteByte(byte value) => Claim(1)[0] = value;

    /// <summary>Two bytes, big-endian.</summary>
    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Claim(sizeof(ushort)), value);

    /// <summary>Four bytes, big-endian.</summary>
    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Claim(sizeof(uint)), value);

    /// <summary>Eight bytes, big-endian.</summary>
    public void WriteUInt64(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Claim(sizeof(ulong)), value);

    /// <summary>A QUIC varint in its shortest form (RFC 9000 section 16).</summary>
    public void WriteVarint(ulong value) => QuicVarint.Write(Claim(QuicVarint.Size(value)), value);

    /// <summary>The bytes as they are, without a length.</summary>
    public void WriteBytes(ReadOnlySpan<byte> value) => value.CopyTo(Claim(value.Length));

    /// <summary>A one-byte length, then the bytes (at most 255).</summary>
    public void WriteVector8(ReadOnlySpan<byte> value)
    {
        WriteByte(checked((byte)value.Length));
        WriteBytes(value);
    }

    /// <summary>A two-byte length, then the bytes (at most 65,535): the <c>lp16</c> of our own formats.</summary>
    public void WriteVector16(ReadOnlySpan<byte> value)
    {
        WriteUInt16(checked((ushort)value.Length));
        WriteBytes(value);
    }

    /// <summary>A varint length, then the bytes.</summary>
    public void WriteVectorVarint(ReadOnlySpan<byte> value)
    {
        WriteVarint((ulong)value.Length);
        WriteBytes(value);
    }

    /// <summary>The next <paramref name="count"/> bytes, to be filled by the caller.</summary>
    public Span<byte> Claim(int count)
    {
        Span<byte> field = _destination.Slice(Written, count);
        Written += count;
        return field;
    }
}
