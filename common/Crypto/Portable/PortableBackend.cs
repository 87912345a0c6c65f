using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>What a client needs, where libcrypto is absent: our own X25519, and SHA-256, HMAC and AEADs from .NET.</summary>
internal sealed class PortableBackend : CryptoBackend
{
    internal static PortableBackend Instance { get; } = new();

    public override string Name => "portable";

    public override AgreementKey ImportX25519(ReadOnlySpan<byte> privateKey) => new PortableX25519Key(privateKey);

    public override void PrepareHmac(ReadOnlySpan<byte> key, out HmacKey prepared) => PlatformSha256.Instance.Prepare(key, out prepared);

    public override void Hmac(scoped ref HmacKey key, ReadOnlySpan<byte> message, Span<byte> mac) => PlatformSha256.Instance.Compute(ref key, message, mac);

    private protected override void Hash(ReadOnlySpan<byte> message, Span<byte> hash) => PlatformSha256.Instance.Hash(message, hash);

    private protected override void Encrypt(
        AeadAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        Span<byte> body = ciphertext[..plaintext.Length];
        Span<byte> tag = ciphertext[plaintext.Length..];
        if (algorithm is AeadAlgorithm.ChaCha20Poly1305)
        {
            using var chacha = new ChaCha20Poly1305(key);
            chacha.Encrypt(nonce, plaintext, body, tag, aad);
        }
        else
        {
            using var aes = new AesGcm(key, TagSize);
            aes.Encrypt(nonce, plaintext, body, tag, aad);
        }
    }

    private protected override bool TryDecrypt(
        AeadAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
    {
        ReadOnlySpan<byte> body = ciphertext[..plaintext.Length];
        ReadOnlySpan<byte> tag = ciphertext[plaintext.Length..];
        try
        {
            if (algorithm is AeadAlgorithm.ChaCha20Poly1305)
            {
                using var chacha = new ChaCha20Poly1305(key);
                chacha.Decrypt(nonce, body, tag, plaintext, aad);
            }
            else
            {
                using var aes = new AesGcm(key, TagSize);
                aes.Decrypt(nonce, body, tag, plaintext, aad);
            }

            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            plaintext.Clear();
            return false;
        }
    }
}
