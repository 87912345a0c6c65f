using System.Security.Cryptography;

namespace Veil.Attestation;

/// <summary>RSASSA-PSS signatures by keys that a peer shows, as AMD makes them: RSA 4096, SHA-384, MGF1 with SHA-384, 48 bytes of salt.</summary>
internal static class RsaSignature
{
    private const int KeyBits = 4096;

    /// <summary>True when <paramref name="signature"/> is by the key of this SubjectPublicKeyInfo.</summary>
    public static bool VerifyPss384(ReadOnlySpan<byte> spki, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        try
        {
            using RSA key = RSA.Create();
            key.ImportSubjectPublicKeyInfo(spki, out int read);
            return read == spki.Length && key.KeySize == KeyBits && key.VerifyData(data, signature, HashAlgorithmName.SHA384, RSASignaturePadding.Pss);
        }
        catch (CryptographicException)
        {
            // A key or signature that is none: the loaders throw on hostile bytes.
            return false;
        }
    }
}
