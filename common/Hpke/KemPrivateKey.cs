namespace Veil.Hpke;

/// <summary>A recipient's private key with its public key; safe for concurrent use, cleared on <see cref="Dispose"/>.</summary>
public abstract class KemPrivateKey : IDisposable
{
    private protected KemPrivateKey()
    {
    }

    /// <summary>The KEM that this key belongs to.</summary>
    public abstract Kem Kem { get; }

    /// <summary>pkR as it is sent, <see cref="Kem.PublicKeySize"/> bytes.</summary>
    public abstract ReadOnlyMemory<byte> PublicKey { get; }

    /// <summary>SerializePrivateKey, <see cref="Kem.PrivateKeySize"/> bytes, for wrapping at rest.</summary>
    public abstract void Export(Span<byte> privateKey);

    /// <summary>Clears the private key.</summary>
    public abstract void Dispose();

    /// <summary>Decap(enc, skR); false when the encapsulated key has a wrong length or is not valid.</summary>
    internal abstract bool TryDecap(ReadOnlySpan<byte> enc, Span<byte> sharedSecret);
}
