using System.Buffers.Binary;

namespace Veil.Attestation.Tdx;

/// <summary>Reads little-endian fields of a quote; the first short read makes all later ones empty. Lengths are compared before anything is sliced.</summary>
internal ref struct QuoteReader(ReadOnlyMemory<byte> source)
{
    /// <summary>Bytes read so far.</summary>
    public int Position { get; private set; }

    /// <summary>True after a read that asked for more than there was.</summary>
    public bool Failed { get; private set; }

    /// <summary>True when every read was served and no byte is left.</summary>
    public readonly bool Completed => !Failed && Position == source.Length;

    /// <summary>What has not been read.</summary>
    public readonly ReadOnlyMemory<byte> Rest => source[Position..];

    /// <summary>Two bytes; 0 after a failure.</summary>
    public ushort ReadUInt16() => Take(sizeof(ushort)) is { IsEmpty: false } field ? BinaryPrimitives.ReadUInt16LittleEndian(field.Span) : (ushort)0;

    /// <summary>Four bytes; 0 after a failure.</summary>
    public uint ReadUInt32() => Take(sizeof(uint)) is { IsEmpty: false } field ? BinaryPrimitives.ReadUInt32LittleEndian(field.Span) : 0;

    /// <summary>Exactly <paramref name="count"/> bytes; empty after a failure.</summary>
    public ReadOnlyMemory<byte> Take(uint count)
    {
        if (Failed || count > (uint)(source.Length - Position))
        {
            Failed = true;
            return default;
        }

        ReadOnlyMemory<byte> field = source.Slice(Position, (int)count);
        Position += (int)count;
        return field;
    }
}
