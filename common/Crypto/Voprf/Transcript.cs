using System.Buffers.Binary;

namespace Veil.Crypto;

/// <summary>Writes the input of a hash of RFC 9497 into a span that the caller sized; a wrong size is the caller's mistake and throws.</summary>
internal ref struct Transcript(Span<byte> destination)
{
    private Span<byte> _rest = destination;

    /// <summary>I2OSP(len(value), 2) and the value.</summary>
    public void AppendVector(scoped ReadOnlySpan<byte> value)
    {
        AppendNumber(value.Length);
        Append(value);
    }

    /// <summary>I2OSP(value, 2).</summary>
    public void AppendNumber(int value) => BinaryPrimitives.WriteUInt16BigEndian(Claim(sizeof(ushort)), checked((ushort)value));

    /// <summary>The value alone.</summary>
    public void Append(scoped ReadOnlySpan<byte> value) => value.CopyTo(Claim(value.Length));

    /// <summary>The next bytes, to be filled by the caller.</summary>
    public Span<byte> Claim(int count)
    {
        Span<byte> claimed = _rest[..count];
        _rest = _rest[count..];
        return claimed;
    }
}
