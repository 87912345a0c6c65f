namespace Veil.Crypto;

/// <summary>The AEADs of RFC 9180 section 7.3, by their HPKE identifier. All have 12-byte nonces and 16-byte tags.</summary>
public enum AeadAlgorithm : ushort
{
    /// <summary>AES-128-GCM, 16-byte keys.</summary>
    Aes128Gcm = 0x0001,

    /// <summary>AES-256-GCM, 32-byte keys.</summary>
    Aes256Gcm = 0x0002,

    /// <summary>ChaCha20-Poly1305, 32-byte keys.</summary>
    ChaCha20Poly1305 = 0x0003,
}
