namespace Veil.Ohttp;

/// <summary>A KDF and an AEAD by their HPKE identifiers, as a key configuration lists them (RFC 9458 section 3.1).</summary>
/// <param name="KdfId">kdf_id.</param>
/// <param name="AeadId">aead_id.</param>
public readonly record struct SymmetricSuite(ushort KdfId, ushort AeadId)
{
    /// <summary>Bytes on the wire.</summary>
    public const int Size = 4;

    /// <summary>HKDF-SHA256 with AES-128-GCM: the fastest, and mandatory to offer.</summary>
    public static SymmetricSuite Aes128Gcm => new(1, 1);

    /// <summary>HKDF-SHA256 with AES-256-GCM.</summary>
    public static SymmetricSuite Aes256Gcm => new(1, 2);

    /// <summary>HKDF-SHA256 with ChaCha20-Poly1305.</summary>
    public static SymmetricSuite ChaCha20Poly1305 => new(1, 3);
}
