using System.Security.Cryptography;

namespace Veil.Attestation;

/// <summary>
/// ECDSA signatures by keys that a peer shows. The SubjectPublicKeyInfo (RFC 5480) must be exactly the uncompressed form on the one curve that is asked
/// for, so that no other curve, named or described, ever reaches the platform's key loader.
/// </summary>
internal static class EcSignature
{
    /// <summary>Size of a key of P-256.</summary>
    public const int P256Bits = 256;

    /// <summary>Bytes of x || y.</summary>
    public const int P256PointSize = 64;

    /// <summary>Size of a key of P-384.</summary>
    public const int P384Bits = 384;

    private static readonly byte[] P256Header = Convert.FromHexString("3059301306072a8648ce3d020106082a8648ce3d03010703420004");
    private static readonly byte[] P384Header = Convert.FromHexString("3076301006072a8648ce3d020106052b8104002203620004");

    private static readonly byte[] P256Order = Convert.FromHexString("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    private static readonly byte[] P384Order = Convert.FromHexString("ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973");

    /// <summary>ECDSA P-256 with SHA-256, the signature as in certificates (DER).</summary>
    public static bool VerifyP256(ReadOnlySpan<byte> spki, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        Verify(spki, P256Header, ECCurve.NamedCurves.nistP256, data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    /// <summary>ECDSA P-256 with SHA-256, the signature as r || s, 32 bytes each, both from 1 to the group's order less 1.</summary>
    public static bool VerifyP256Pair(ReadOnlySpan<byte> spki, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        IsP256Signature(signature)
        && Verify(spki, P256Header, ECCurve.NamedCurves.nistP256, data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    /// <summary>The SubjectPublicKeyInfo of a point of P-256.</summary>
    /// <param name="point">x || y, 32 bytes each.</param>
    public static byte[] P256Spki(ReadOnlySpan<byte> point) => [.. P256Header, .. point];

    /// <summary>ECDSA P-384 with SHA-384, the signature as r || s, 48 bytes each, both from 1 to the group's order less 1.</summary>
    public static bool VerifyP384(ReadOnlySpan<byte> spki, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        IsP384Signature(signature)
        && Verify(spki, P384Header, ECCurve.NamedCurves.nistP384, data, signature, HashAlgorithmName.SHA384, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    /// <summary>ECDSA P-384 with SHA-384, the signature as in certificates (DER).</summary>
    public static bool VerifyP384Certificate(ReadOnlySpan<byte> spki, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        Verify(spki, P384Header, ECCurve.NamedCurves.nistP384, data, signature, HashAlgorithmName.SHA384, DSASignatureFormat.Rfc3279DerSequence);

    /// <summary>A certificate's signature by its own key: ECDSA P-256 with SHA-256, or P-384 with SHA-384 or SHA-256.</summary>
    public static bool VerifyOwn(ReadOnlySpan<byte> spki, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        VerifyP256(spki, data, signature)
        || VerifyP384Certificate(spki, data, signature)
        || Verify(spki, P384Header, ECCurve.NamedCurves.nistP384, data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    /// <summary>True for the SubjectPublicKeyInfo of an uncompressed point of P-384; that it is on the curve is not looked at.</summary>
    public static bool IsP384(ReadOnlySpan<byte> spki) => spki.StartsWith(P384Header) && spki.Length == P384Header[1] + 2;

    /// <summary>True for r || s, 48 bytes each, both in their range.</summary>
    public static bool IsP384Signature(ReadOnlySpan<byte> signature) =>
        signature.Length == 2 * P384Order.Length && IsScalar(signature[..P384Order.Length], P384Order) && IsScalar(signature[P384Order.Length..], P384Order);

    /// <summary>True for the SubjectPublicKeyInfo of an uncompressed point of P-256; that it is on the curve is not looked at.</summary>
    public static bool IsP256(ReadOnlySpan<byte> spki) => spki.StartsWith(P256Header) && spki.Length == P256Header[1] + 2;

    /// <summary>True for r || s, 32 bytes each, both in their range.</summary>
    public static bool IsP256Signature(ReadOnlySpan<byte> signature) =>
        signature.Length == 2 * P256Order.Length && IsScalar(signature[..P256Order.Length], P256Order) && IsScalar(signature[P256Order.Length..], P256Order);

    /// <summary>Loads a point of P-256, x || y; null for what is none.</summary>
    public static ECDsa? LoadP256(ReadOnlySpan<byte> point)
    {
        int half = P256Order.Length;
        try
        {
            return point.Length == 2 * half ? ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new() { X = point[..half].ToArray(), Y = point[half..].ToArray() } }) : null;
        }
        catch (CryptographicException)
        {
            // Not a point of the curve.
            return null;
        }
    }

    private static bool IsScalar(ReadOnlySpan<byte> value, byte[] order) => value.ContainsAnyExcept((byte)0) && value.SequenceCompareTo(order) < 0;

    private static bool Verify(
        ReadOnlySpan<byte> spki, ReadOnlySpan<byte> header, ECCurve curve, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature, HashAlgorithmName hash, DSASignatureFormat format)
    {
        // The second byte is the length of all that follows it.
        if (!spki.StartsWith(header) || spki.Length != header[1] + 2)
            return false;

        ReadOnlySpan<byte> point = spki[header.Length..];
        int half = point.Length / 2;
        try
        {
            using ECDsa key = ECDsa.Create(new ECParameters { Curve = curve, Q = new() { X = point[..half].ToArray(), Y = point[half..].ToArray() } });
            return key.VerifyData(data, signature, hash, format);
        }
        catch (CryptographicException)
        {
            // Not a point of the curve, or not a signature: the loaders throw on hostile bytes.
            return false;
        }
    }
}
