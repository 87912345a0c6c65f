using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Veil.Attestation;

/// <summary>SHA-256 of some bytes as the name under which something is remembered.</summary>
/// <param name="High">The first half, big-endian.</param>
/// <param name="Low">The second half.</param>
internal sealed record ContentDigest(UInt128 High, UInt128 Low)
{
    /// <summary>The name of these bytes.</summary>
    public static ContentDigest Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, digest);
        return Read(digest);
    }

    /// <summary>The name of two pieces, the first after its length.</summary>
    public static ContentDigest Of(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        BinaryPrimitives.WriteInt32BigEndian(digest, first.Length);
        hash.AppendData(digest[..sizeof(int)]);
        hash.AppendData(first);
        hash.AppendData(second);
        hash.GetHashAndReset(digest);
        return Read(digest);
    }

    private static ContentDigest Read(ReadOnlySpan<byte> digest) => new(BinaryPrimitives.ReadUInt128BigEndian(digest), BinaryPrimitives.ReadUInt128BigEndian(digest[(digest.Length / 2)..]));
}
