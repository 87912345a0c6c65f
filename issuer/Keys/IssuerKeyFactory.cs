using System.Buffers.Binary;
using System.Security.Cryptography;
using Veil.KeyLifecycle;
using Veil.PrivacyPass;

namespace Veil.Issuer;

/// <summary>Makes token keys. At rest a key is <c>token_type(2) | private key</c> in the type's storage format.</summary>
internal sealed class IssuerKeyFactory(ushort tokenType) : IKeyFactory<IssuerKey>
{
    private const int TypeSize = sizeof(ushort);

    /// <summary>Draws until the truncated key id, one byte, is not that of a live key: a TokenRequest names its key by it.</summary>
    public byte[] Generate(KeyEntry entry, IReadOnlyCollection<IssuerKey> live)
    {
        TokenType type = TokenType.FindKnown(tokenType) ?? throw new InvalidOperationException($"Token type 0x{tokenType:X4} is not in the registry.");
        while (true)
        {
            byte[] privateKey = type.GeneratePrivateKey();
            try
            {
                using TokenIssuerKey key = TokenIssuerKey.Import(tokenType, privateKey);
                if (live.Any(other => other.Key.PublicKey.TruncatedKeyId == key.PublicKey.TruncatedKeyId))
                    continue;

                byte[] material = new byte[TypeSize + privateKey.Length];
                BinaryPrimitives.WriteUInt16BigEndian(material, tokenType);
                privateKey.CopyTo(material, TypeSize);
                return material;
            }
            finally
            {
                CryptographicOperations.ZeroMemory(privateKey);
            }
        }
    }

    public IssuerKey Import(KeyEntry entry, ReadOnlySpan<byte> material) =>
        new(TokenIssuerKey.Import(BinaryPrimitives.ReadUInt16BigEndian(material), material[TypeSize..]));
}
