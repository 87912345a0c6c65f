using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Veil.Attestation;

/// <summary>
/// The P-384 key of an endorsement certificate, loaded once. Making a key of a bare point costs as much as a verification, since the platform multiplies the point by
/// the group's order; out of a certificate it only looks that the point is on the curve, whose cofactor is one.
/// </summary>
internal sealed class EndorsementKey : IDisposable
{
    private readonly Lock _lock = new();
    private readonly ECDsa _key;

    private EndorsementKey(ECDsa key) => _key = key;

    /// <summary>Loads it; null where the certificate holds no uncompressed point of P-384.</summary>
    /// <param name="certificate">One whose chain was verified.</param>
    public static EndorsementKey? Load(ParsedCertificate certificate)
    {
        if (!EcSignature.IsP384(certificate.Spki.Span))
        {
            return null;
        }

        try
        {
            using X509Certificate2 loaded = X509CertificateLoader.LoadCertificate(certificate.Der.Span);
            return loaded.GetECDsaPublicKey() is { } key ? new(key) : null;
        }
        catch (CryptographicException)
        {
            // Not a point of the curve: the loaders throw on hostile bytes.
            return null;
        }
    }

    /// <summary>Loads the key for one signature; see <see cref="Verify"/>.</summary>
    public static bool VerifyOnce(ParsedCertificate certificate, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        using EndorsementKey? key = Load(certificate);
        return key is not null && key.Verify(data, signature);
    }

    /// <summary>ECDSA P-384 with SHA-384, the signature as r || s, 48 bytes each, both from 1 to the group's order less 1. Thread-safe.</summary>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (!EcSignature.IsP384Signature(signature))
        {
            return false;
        }

        lock (_lock)
        {
            return _key.VerifyData(data, signature, HashAlgorithmName.SHA384, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
    }

    /// <summary>Lets go of the key.</summary>
    public void Dispose() => _key.Dispose();
}
