using Field = Veil.Crypto.Residue384<Veil.Crypto.P384Prime>;

namespace Veil.Crypto;

/// <summary>A point of P-384 other than the point at infinity, by its coordinates.</summary>
internal readonly record struct P384Point(Field X, Field Y)
{
    /// <summary>Bytes of a compressed point.</summary>
    public const int CompressedSize = 1 + Field.Size;

    /// <summary>Bytes of an uncompressed point.</summary>
    public const int UncompressedSize = 1 + (2 * Field.Size);

    /// <summary>Writes <c>02</c> or <c>03</c>, then x (SEC 1 section 2.3.3): 49 bytes.</summary>
    public void WriteCompressed(Span<byte> destination)
    {
        destination[0] = (byte)(2 + Y.Parity);
        X.Write(destination[1..]);
    }

    /// <summary>Writes <c>04 | x(48) | y(48)</c> (SEC 1 section 2.3.3): 97 bytes.</summary>
    public void WriteUncompressed(Span<byte> destination)
    {
        destination[0] = 4;
        X.Write(destination[1..]);
        Y.Write(destination[CompressedSize..]);
    }
}
