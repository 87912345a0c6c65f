using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>X25519 and AEADs by libcrypto's EVP interface, SHA-256 and HMAC by its bare compression function where that passes its self-test.</summary>
internal sealed class LibcryptoBackend : CryptoBackend
{
    private readonly CipherFamily _aes128;
    private readonly CipherFamily _aes256;
    private readonly CipherFamily _chacha;
    private readonly Sha256Engine _sha256;

    private LibcryptoBackend()
    {
        _aes128 = new("AES-128-GCM");
        _aes256 = new("AES-256-GCM");
        _chacha = new("ChaCha20-Poly1305");
        _sha256 = (Sha256Engine?)DirectSha256.Instance ?? PlatformSha256.Instance;
    }

    /// <summary>The one instance; null where libcrypto is absent or failed its self-test.</summary>
    internal static LibcryptoBackend? Instance { get; } = Start();

    public override string Name => "libcrypto";

    public override AgreementKey ImportX25519(ReadOnlySpan<byte> privateKey) => new LibcryptoX25519Key(privateKey);

    public override void PrepareHmac(ReadOnlySpan<byte> key, out HmacKey prepared) => _sha256.Prepare(key, out prepared);

    public override void Hmac(scoped ref HmacKey key, ReadOnlySpan<byte> message, Span<byte> mac) => _sha256.Compute(ref key, message, mac);

    private protected override void Hash(ReadOnlySpan<byte> message, Span<byte> hash) => _sha256.Hash(message, hash);

    private protected override void Encrypt(
        AeadAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext) =>
        Family(algorithm).Encrypt(key, nonce, aad, plaintext, ciphertext);

    private protected override bool TryDecrypt(
        AeadAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext) =>
        Family(algorithm).TryDecrypt(key, nonce, aad, ciphertext, plaintext);

    private CipherFamily Family(AeadAlgorithm algorithm) => algorithm switch
    {
        AeadAlgorithm.Aes128Gcm => _aes128,
        AeadAlgorithm.Aes256Gcm => _aes256,
        _ => _chacha,
    };

    private static LibcryptoBackend? Start()
    {
        if (!Libcrypto.IsLoaded)
            return null;

        try
        {
            var backend = new LibcryptoBackend();
            return SelfTest.Passes(backend) ? backend : null;
        }
        catch (Exception e) when (e is CryptographicException or EntryPointNotFoundException)
        {
            return null;
        }
    }
}
