using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>
/// A key that verifies Ed25519 signatures (RFC 8032 section 5.1) in libcrypto. Shared by threads; S not below the group's order, and points that do not decode, are refused.
/// </summary>
public sealed unsafe class Ed25519PublicKey
{
    /// <summary>Bytes of a key.</summary>
    public const int Size = 32;

    /// <summary>Bytes of a signature, R || S.</summary>
    public const int SignatureSize = 64;

    private readonly byte[] _encoded;
    private readonly LibcryptoKey _key;

    /// <summary>Takes a key of a document; one that is no point verifies nothing.</summary>
    /// <param name="encoded">32 bytes.</param>
    /// <exception cref="ArgumentException">Another size.</exception>
    /// <exception cref="PlatformNotSupportedException">There is no libcrypto.</exception>
    public Ed25519PublicKey(ReadOnlySpan<byte> encoded)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(encoded.Length, Size, nameof(encoded));
        _encoded = encoded.ToArray();
        _key = LibcryptoKey.ImportPublic(Libcrypto.Ed25519, encoded);
    }

    /// <summary>The 32 bytes.</summary>
    public ReadOnlyMemory<byte> Encoded => _encoded;

    /// <summary>True when <paramref name="signature"/> is this key's over exactly <paramref name="message"/>.</summary>
    /// <param name="message">Any length.</param>
    /// <param name="signature">Untrusted, any length.</param>
    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != SignatureSize)
            return false;

        nint context = Libcrypto.NewDigestContext();
        try
        {
            using LibcryptoKey.Hold held = _key.Borrow();
            if (context == 0 || Libcrypto.DigestVerifyInit(context, 0, 0, 0, held.Pointer) != 1)
                throw new CryptographicException("libcrypto gave no context to verify with.");

            // `fixed` on an empty span is null, which libcrypto takes for a question of its own.
            byte none = 0;
            fixed (byte* data = message, bytes = signature)
            {
                if (Libcrypto.DigestVerify(context, bytes, SignatureSize, data is null ? &none : data, (nuint)message.Length) == 1)
                    return true;
            }

            Libcrypto.ClearErrors();
            return false;
        }
        finally
        {
            Libcrypto.FreeDigestContext(context);
        }
    }
}
