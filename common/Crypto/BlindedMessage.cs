using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>
/// A message blinded for one signer, with the secret that unblinds the answer (RFC 9474 sections 4.2 and 4.4). Only
/// <see cref="BlindRsaPublicKey.TryBlind(BlindRsaVariant, ReadOnlySpan{byte}, out BlindedMessage?)"/> makes one; disposing erases the secret.
/// </summary>
public sealed class BlindedMessage : IDisposable
{
    private readonly BlindRsaPublicKey _key;
    private readonly BlindRsaVariant _variant;
    private readonly byte[] _inputMessage;
    private readonly byte[] _blindedMessage;
    private readonly byte[] _inverse;
    private bool _disposed;

    internal BlindedMessage(BlindRsaPublicKey key, BlindRsaVariant variant, byte[] inputMessage, byte[] blindedMessage, byte[] inverse)
    {
        _key = key;
        _variant = variant;
        _inputMessage = inputMessage;
        _blindedMessage = blindedMessage;
        _inverse = inverse;
    }

    /// <summary>blinded_msg, as long as the modulus: what the signer gets.</summary>
    public ReadOnlySpan<byte> Bytes => _blindedMessage;

    /// <summary>
    /// Finalize: unblinds the signer's answer and verifies the signature before it is released. A wrong length, a value that is not below the
    /// modulus and a signature that does not verify are one failure.
    /// </summary>
    /// <param name="blindSignature">Untrusted, from the signer.</param>
    /// <param name="signature">Exactly as long as the modulus; all zero on failure.</param>
    /// <exception cref="ArgumentException"><paramref name="signature"/> has another length.</exception>
    public bool TryFinalize(ReadOnlySpan<byte> blindSignature, Span<byte> signature)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (signature.Length != _key.ModulusSize)
            throw new ArgumentException($"A signature has {_key.ModulusSize} bytes.", nameof(signature));

        if (_key.TryUnblind(blindSignature, _inverse, signature) && _key.Verify(_variant, _inputMessage, signature))
            return true;

        signature.Clear();
        return false;
    }

    /// <summary>Erases the blind's inverse.</summary>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_inverse);
    }
}
