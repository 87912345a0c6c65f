namespace Veil.Crypto;

/// <summary>A private key for Diffie-Hellman, and its public key. Safe for concurrent use; prints nothing of itself.</summary>
public abstract class AgreementKey : IDisposable
{
    private readonly byte[] _publicKey;

    private protected AgreementKey(byte[] publicKey) => _publicKey = publicKey;

    /// <summary>The public key as protocols carry it.</summary>
    public ReadOnlyMemory<byte> PublicKey => _publicKey;

    /// <summary>Bytes of the private key.</summary>
    public abstract int PrivateKeySize { get; }

    /// <summary>
    /// The shared secret with a peer, 32 bytes; false, with the secret cleared, when the peer's key is not a valid one: wrong length, not on
    /// the curve, or of low order (an all-zero X25519 result, which RFC 9180 section 7.1.4 refuses).
    /// </summary>
    public abstract bool TryDerive(ReadOnlySpan<byte> peerPublicKey, Span<byte> sharedSecret);

    /// <summary>Copies the private key out, for wrapping at rest.</summary>
    public abstract void Export(Span<byte> privateKey);

    /// <summary>Clears the private key. Derivations that run at that moment finish.</summary>
    public abstract void Dispose();
}
