using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>An X25519 private key in managed memory, pinned so that the collector leaves no copies.</summary>
internal sealed class PortableX25519Key : AgreementKey
{
    private const int KeySize = 32;

    private readonly byte[] _privateKey;
    private volatile bool _disposed;

    internal PortableX25519Key(ReadOnlySpan<byte> privateKey)
        : base(X25519.PublicKey(privateKey))
    {
        _privateKey = GC.AllocateUninitializedArray<byte>(KeySize, pinned: true);
        privateKey.CopyTo(_privateKey);
    }

    public override int PrivateKeySize => KeySize;

    public override bool TryDerive(ReadOnlySpan<byte> peerPublicKey, Span<byte> sharedSecret)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(sharedSecret.Length, KeySize, nameof(sharedSecret));
        Span<byte> scalar = stackalloc byte[KeySize];
        Export(scalar);
        sharedSecret.Clear();
        if (peerPublicKey.Length == KeySize)
            X25519.ScalarMult(scalar, peerPublicKey, sharedSecret);
        CryptographicOperations.ZeroMemory(scalar);
        return sharedSecret.ContainsAnyExcept((byte)0);
    }

    public override void Export(Span<byte> privateKey)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(privateKey.Length, KeySize, nameof(privateKey));
        _privateKey.CopyTo(privateKey);
        if (_disposed)
        {
            privateKey.Clear();
            throw new ObjectDisposedException(nameof(AgreementKey));
        }
    }

    public override void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_privateKey);
    }
}
