using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Veil.Issuer;

/// <summary>
/// One token to be spent once, by one attempt. Both are the first 16 bytes of a SHA-256: whoever finds two tokens that share them, after some 2^64
/// signatures, has one of the two refused.
/// </summary>
/// <param name="Partition">Of the token's key: <see cref="TokenPartition"/>.</param>
/// <param name="Token">Of the whole token.</param>
/// <param name="Attempt">Of the token, the redemption id and the gateway's name: a retry has the same.</param>
public readonly record struct Redemption(long Partition, UInt128 Token, UInt128 Attempt)
{
    /// <summary>Size of a stored hash in bytes.</summary>
    public const int HashSize = 16;

    private const int LongestNameOnStack = 256;

    /// <summary>The redemption of a token whose authenticator was verified, or cannot be.</summary>
    /// <param name="partition">Of its key.</param>
    /// <param name="token">The whole token.</param>
    /// <param name="redemptionId">16 bytes that the gateway drew for one inbound request.</param>
    /// <param name="gateway">The gateway's name, UTF-8.</param>
    public static Redemption Of(long partition, ReadOnlySpan<byte> token, ReadOnlySpan<byte> redemptionId, ReadOnlySpan<byte> gateway)
    {
        // SHA-256(token)(32) | id(16) | name: parts of fixed size first, so that no two attempts have the same bytes.
        int size = SHA256.HashSizeInBytes + RedemptionRequest.IdSize + gateway.Length;
        Span<byte> attempt = gateway.Length <= LongestNameOnStack ? stackalloc byte[SHA256.HashSizeInBytes + RedemptionRequest.IdSize + LongestNameOnStack] : new byte[size];
        SHA256.HashData(token, attempt);
        UInt128 spent = BinaryPrimitives.ReadUInt128BigEndian(attempt);
        redemptionId.CopyTo(attempt[SHA256.HashSizeInBytes..]);
        gateway.CopyTo(attempt[(SHA256.HashSizeInBytes + RedemptionRequest.IdSize)..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(attempt[..size], hash);
        return new Redemption(partition, spent, BinaryPrimitives.ReadUInt128BigEndian(hash));
    }
}
