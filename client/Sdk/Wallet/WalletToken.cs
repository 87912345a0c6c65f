using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Veil.ClientSdk;

/// <summary>One token in the wallet; its bytes are opaque here.</summary>
internal sealed record WalletToken(TokenKind Kind, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>First 16 bytes of the token's SHA-256: the name that an in-flight mark carries.</summary>
    public UInt128 Id { get; } = BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Bytes.Span));
}
