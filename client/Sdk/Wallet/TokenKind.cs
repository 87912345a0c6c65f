using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Veil.ClientSdk;

/// <summary>
/// Which tokens can stand for each other: SHA-256 over what they answer and the key that signed them. 32 bytes; equal for
/// every client of the same challenge and key.
/// </summary>
internal readonly record struct TokenKind(UInt128 High, UInt128 Low)
{
    public const int Size = 32;

    /// <summary>The kind of tokens for this challenge under this key.</summary>
    public static TokenKind Of(ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> keyId)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(SHA256.HashData(challenge));
        hash.AppendData(keyId);
        return Read(hash.GetHashAndReset());
    }

    public static TokenKind Read(ReadOnlySpan<byte> source) =>
        new(BinaryPrimitives.ReadUInt128BigEndian(source), BinaryPrimitives.ReadUInt128BigEndian(source[16..]));

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt128BigEndian(destination, High);
        BinaryPrimitives.WriteUInt128BigEndian(destination[16..], Low);
    }
}
