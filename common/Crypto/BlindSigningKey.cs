using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>
/// A signer's RSA private key, used for blind signatures and nothing else (RFC 9474 section 7.1: the signer sees no message that it signs). Needs libcrypto,
/// whose private operation is constant time; one key serves many threads. The object gives its private key to nobody.
/// </summary>
public sealed class BlindSigningKey : IDisposable
{
    private readonly RsaKeyHandle _key;

    private BlindSigningKey(RsaKeyHandle key, BlindRsaPublicKey publicKey)
    {
        _key = key;
        PublicKey = publicKey;
    }

    /// <summary>The public half.</summary>
    public BlindRsaPublicKey PublicKey { get; }

    /// <summary>Makes a private key with exponent 65537 and returns it as unencrypted PKCS#8: the caller wraps it for storage and erases it.</summary>
    public static byte[] GeneratePrivateKey(int modulusBits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(modulusBits, BlindRsaPublicKey.MinModulusBits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(modulusBits, BlindRsaPublicKey.MaxModulusBits);
        using var rsa = RSA.Create(modulusBits);
        return rsa.ExportPkcs8PrivateKey();
    }

    /// <summary>Takes a key of <see cref="GeneratePrivateKey"/> into use, and signs once to see that its halves belong together.</summary>
    /// <exception cref="CryptographicException">Not one whole PKCS#8 RSA key with exponent 65537 and an accepted size.</exception>
    /// <exception cref="PlatformNotSupportedException">This process has no libcrypto, or <c>VEIL_CRYPTO=portable</c> keeps it away.</exception>
    public static BlindSigningKey Import(ReadOnlySpan<byte> pkcs8)
    {
        if (!RsaArithmetic.UsesLibcrypto)
            throw new PlatformNotSupportedException("Signing needs OpenSSL 3's libcrypto, for its constant-time RSA: install libssl3 and do not set VEIL_CRYPTO=portable.");

        BlindRsaPublicKey publicKey = ReadPublicHalf(pkcs8);
        var key = new BlindSigningKey(RsaKeyHandle.Decode(pkcs8), publicKey);
        Span<byte> probe = stackalloc byte[publicKey.ModulusSize];
        probe.Clear();
        probe[^1] = 2;
        key.TryBlindSign(probe, stackalloc byte[publicKey.ModulusSize]);
        return key;
    }

    /// <summary>
    /// BlindSign (RFC 9474 section 4.3), with its mandatory check that the signature's e-th power is the message, so that a fault in the
    /// calculation never leaves the process.
    /// </summary>
    /// <param name="blindedMessage">Untrusted. Refused unless as long as the modulus, below it and not 0.</param>
    /// <param name="blindSignature">Exactly as long as the modulus.</param>
    /// <returns>False when the message is refused.</returns>
    /// <exception cref="CryptographicException">The platform calculated wrongly; nothing was written.</exception>
    public bool TryBlindSign(ReadOnlySpan<byte> blindedMessage, Span<byte> blindSignature)
    {
        int size = PublicKey.ModulusSize;
        if (blindSignature.Length != size)
            throw new ArgumentException($"A blind signature has {size} bytes.", nameof(blindSignature));

        if (!PublicKey.IsBelowModulus(blindedMessage) || !blindedMessage.ContainsAnyExcept((byte)0))
            return false;

        Span<byte> signature = stackalloc byte[size];
        Span<byte> check = stackalloc byte[size];
        _key.Decrypt(blindedMessage, signature);
        PublicKey.Encrypt(signature, check);
        if (!CryptographicOperations.FixedTimeEquals(check, blindedMessage))
            throw new CryptographicException("The RSA private operation gave a wrong result.");

        signature.CopyTo(blindSignature);
        return true;
    }

    /// <summary>Erases the private key once no call uses it.</summary>
    public void Dispose() => _key.Dispose();

    /// <summary>The size alone.</summary>
    public override string ToString() => $"RSA-{PublicKey.ModulusSize * 8} blind signing key";

    private static BlindRsaPublicKey ReadPublicHalf(ReadOnlySpan<byte> pkcs8)
    {
        using var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(pkcs8, out int read);
        RSAParameters parameters = rsa.ExportParameters(includePrivateParameters: false);
        return read == pkcs8.Length && BlindRsaPublicKey.TryCreate(parameters.Modulus, parameters.Exponent, out BlindRsaPublicKey? key)
            ? key
            : throw new CryptographicException("Not a PKCS#8 RSA key of 2048 to 4096 bits with exponent 65537.");
    }
}
