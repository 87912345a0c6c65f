using System.Buffers.Binary;

namespace Veil.Wire;

/// <summary>
/// Reads big-endian fields from untrusted bytes and fails once: the first short read makes every later read empty and
/// <see cref="Completed"/> false, so that a parser reads like its RFC's figure with a single question at the end.
/// Nothing here allocates or throws on input.
/// </summary>
public ref struct WireReader
{
    private ReadOnlySpan<byte> _rest;
    private bool _failed;

    /// <summary>Starts at the first byte of <paramref name="source"/>.</summary>
    public WireReader(ReadOnlySpan<byte> source) => _rest = source;

    /// <summary>True when every read was served and no byte is left over.</summary>
    public readonly bool Completed => !_failed && _rest.IsEmpty;

    /// <summary>True when a read asked for more than there was, or a vector's length was not acceptable.</summary>
    public readonly bool Failed => _failed;

    /// <summary>Bytes not yet read; 0 after a failure.</summary>
    public readonly int Remaining => _rest.Length;

    /// <summary>One byte; 0 after a failure.</summary>
    public byte ReadByte()
    {
        ReadOnlySpan<byte> field = Take(1);
        return field.IsEmpty ? (byte)0 : field[0];
    }

    /// <summary>Two bytes, big-endian; 0 after a failure.</summary>
    public ushort ReadUInt16()
    {
        ReadOnlySpan<byte> field = Take(sizeof(ushort));
        return field.IsEmpty ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(field);
    }

    /// <summary>Four bytes, big-endian; 0 after a failure.</summary>
    public uint ReadUInt32()
    {
        ReadOnlySpan<byte> field = Take(sizeof(uint));
        return field.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32BigEndian(field);
    }

    /// <summary>Eight bytes, big-endian; 0 after a failure.</summary>
    public ulong ReadUInt64()
    {
        ReadOnlySpan<byte> field = Take(sizeof(ulong));
        return field.IsEmpty ? 0 : BinaryPrimitives.ReadUInt64BigEndian(field);
    }

    /// <summary>A QUIC variable-length integer of any width, minimal or not (RFC 9000 section 16); 0 after a failure.</summary>
    public ulong ReadVarint()
    {
        if (_failed || !QuicVarint.TryRead(_rest, out ulong value, out int size))
        {
            Fail();
            return 0;
        }

        _rest = _rest[size..];
        return value;
    }

    /// <summary>Exactly <paramref name="count"/> bytes; empty after a failure. A negative count is a failure, not an exception.</summary>
    public ReadOnlySpan<byte> Take(int count)
    {
        if (_failed || count < 0 || count > _rest.Length)
        {
            Fail();
            return default;
        }

        ReadOnlySpan<byte> field = _rest[..count];
        _rest = _rest[count..];
        return field;
    }

    /// <summary>A vector behind a one-byte length.</summary>
    public ReadOnlySpan<byte> ReadVector8() => Take(ReadByte());

    /// <summary>A vector behind a two-byte length: the <c>lp16</c> of our own formats.</summary>
    public ReadOnlySpan<byte> ReadVector16() => Take(ReadUInt16());

    /// <summary>A vector behind a QUIC varint; a length that does not fit what is left is a failure.</summary>
    public ReadOnlySpan<byte> ReadVectorVarint()
    {
        ulong length = ReadVarint();
        return length > int.MaxValue ? Take(-1) : Take((int)length);
    }

    /// <summary>The same where only the shortest form of the length is allowed; any other is a failure.</summary>
    public ReadOnlySpan<byte> ReadVectorMinimalVarint()
    {
        int before = _rest.Length;
        ulong length = ReadVarint();
        return length > int.MaxValue || before - _rest.Length != QuicVarint.Size(length) ? Take(-1) : Take((int)length);
    }

    /// <summary>All that is left, possibly nothing.</summary>
    public ReadOnlySpan<byte> TakeRest() => Take(_rest.Length);

    /// <summary>Marks the input as refused for a reason that the caller knows.</summary>
    public void Fail()
    {
        _failed = true;
        _rest = default;
    }
}
