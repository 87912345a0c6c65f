namespace Veil.Crypto;

/// <summary>A Diffie-Hellman group and the encoding of its keys. Shared secrets are 32 bytes in both.</summary>
public abstract class KeyAgreement
{
    /// <summary>Bytes of a shared secret.</summary>
    public const int SharedSecretSize = 32;

    private protected KeyAgreement()
    {
    }

    /// <summary>RFC 7748: raw 32-byte keys.</summary>
    public static KeyAgreement X25519 { get; } = new X25519Agreement();

    /// <summary>NIST P-256: big-endian 32-byte scalars, uncompressed points of 65 bytes (SEC 1).</summary>
    public static KeyAgreement P256 { get; } = new P256Agreement();

    /// <summary>Bytes of a private key.</summary>
    public abstract int PrivateKeySize { get; }

    /// <summary>Bytes of a public key.</summary>
    public abstract int PublicKeySize { get; }

    /// <summary>A fresh key.</summary>
    public abstract AgreementKey Generate();

    /// <summary>A key from its bytes; null when they are not a valid private key of the group.</summary>
    /// <exception cref="ArgumentException">The length is wrong.</exception>
    public abstract AgreementKey? Import(ReadOnlySpan<byte> privateKey);

    /// <summary>True when the bytes are a public key that every peer can agree with: on the curve, and not of low order.</summary>
    public abstract bool IsValidPublicKey(ReadOnlySpan<byte> publicKey);
}
