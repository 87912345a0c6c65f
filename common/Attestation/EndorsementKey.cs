using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Veil.Attestation;

/// <summary>
/// A manufacturer's key, P-384, P-256 or RSA-4096, loaded once. Making an EC key of a bare point costs a verification or two, since the platform multiplies the point
/// by the group's order; out of a certificate it only looks that the point is on the curve, whose cofactor is one, but reading the certificate costs more than P-256's
/// multiplication and less than P-384's.
/// </summary>
internal sealed class EndorsementKey : IDisposable
{
    private readonly Lock _lock = new();
    private readonly AsymmetricAlgorithm _key;

    private EndorsementKey(AsymmetricAlgorithm key) => _key = key;

    /// <summary>Loads the key of a certificate; null where it holds no uncompressed point of P-384 or P-256 and no RSA key of 4096 bits.</summary>
    /// <param name="certificate">The key is the one of its <see cref="ParsedCertificate.Spki"/>, whoever signed it.</param>
    public static EndorsementKey? Load(ParsedCertificate certificate)
    {
        ReadOnlySpan<byte> spki = certificate.Spki.Span;
        try
        {
            if (EcSignature.IsP256(spki))
            {
                return LoadPoint(spki[^EcSignature.P256PointSize..]);
            }

            if (!EcSignature.IsP384(spki))
            {
                return RsaSignature.Load(spki) is { } rsa ? new(rsa) : null;
            }

            using X509Certificate2 loaded = X509CertificateLoader.LoadCertificate(certificate.Der.Span);
            ECDsa? key = loaded.GetECDsaPublicKey();
            if (key is not null && key.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(spki))
            {
                return new(key);
            }

            // The loader found another key than we did: never to be used.
            key?.Dispose();
            return null;
        }
        catch (CryptographicException)
        {
            // Not a point of the curve: the loaders throw on hostile bytes.
            return null;
        }
    }

    /// <summary>Loads a bare key of P-256; null for what is no point of it.</summary>
    /// <param name="point">x || y, 32 bytes each.</param>
    public static EndorsementKey? LoadPoint(ReadOnlySpan<byte> point) => EcSignature.LoadP256(point) is { } key ? new(key) : null;

    /// <summary>
    /// ECDSA P-384 with SHA-384 or P-256 with SHA-256, the signature as r || s, both from 1 to the group's order less 1. Never true for an RSA key. Thread-safe.
    /// </summary>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        _key is ECDsa key
        && (key.KeySize == EcSignature.P384Bits ? EcSignature.IsP384Signature(signature) : EcSignature.IsP256Signature(signature))
        && Verify(key, data, signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    /// <summary>The same with the signature as in certificates; an RSA key's is PSS as AMD makes it. Thread-safe.</summary>
    public bool VerifyCertificate(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (_key is ECDsa key)
        {
            return Verify(key, data, signature, DSASignatureFormat.Rfc3279DerSequence);
        }

        lock (_lock)
        {
            return RsaSignature.VerifyPss384((RSA)_key, data, signature);
        }
    }

    /// <summary>True for a key of P-256.</summary>
    public bool IsP256 => _key is ECDsa { KeySize: EcSignature.P256Bits };

    /// <summary>True for an RSA key.</summary>
    public bool IsRsa => _key is RSA;

    /// <summary>Lets go of the key.</summary>
    public void Dispose() => _key.Dispose();

    private bool Verify(ECDsa key, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature, DSASignatureFormat format)
    {
        try
        {
            lock (_lock)
            {
                return key.VerifyData(data, signature, key.KeySize == EcSignature.P384Bits ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256, format);
            }
        }
        catch (CryptographicException)
        {
            // Not a signature: the readers throw on hostile bytes.
            return false;
        }
    }
}
