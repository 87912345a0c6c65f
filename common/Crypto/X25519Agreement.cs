using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>X25519 on the back end of this process.</summary>
internal sealed class X25519Agreement : KeyAgreement
{
    public override int PrivateKeySize => 32;

    public override int PublicKeySize => 32;

    public override AgreementKey Generate()
    {
        Span<byte> privateKey = stackalloc byte[32];
        RandomNumberGenerator.Fill(privateKey);
        AgreementKey key = CryptoBackend.Current.ImportX25519(privateKey);
        CryptographicOperations.ZeroMemory(privateKey);
        return key;
    }

    public override AgreementKey? Import(ReadOnlySpan<byte> privateKey)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(privateKey.Length, PrivateKeySize, nameof(privateKey));
        return CryptoBackend.Current.ImportX25519(privateKey);
    }

    /// <remarks>Every scalar clears the cofactor, so any one of them shows a point of low order.</remarks>
    public override bool IsValidPublicKey(ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != PublicKeySize)
            return false;

        Span<byte> secret = stackalloc byte[SharedSecretSize];
        using AgreementKey anyKey = CryptoBackend.Current.ImportX25519("any scalar shows a low-order one"u8);
        return anyKey.TryDerive(publicKey, secret);
    }
}
