using System.Buffers.Binary;

namespace Veil.Issuer;

/// <summary>
/// The part of the spent table that belongs to one key: the first 8 bytes of its token_key_id. It only says which rows leave together; the token's
/// hash covers the whole id.
/// </summary>
public static class TokenPartition
{
    /// <param name="keyId">token_key_id, 32 bytes.</param>
    public static long Of(ReadOnlySpan<byte> keyId) => BinaryPrimitives.ReadInt64BigEndian(keyId);
}
