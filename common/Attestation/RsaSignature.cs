using System.Security.Cryptography;

namespace Veil.Attestation;

/// <summary>RSASSA-PSS signatures by keys that a peer shows, as AMD makes them: RSA 4096, SHA-384, MGF1 with SHA-384, 48 bytes of salt.</summary>
internal static class RsaSignature
{
    private const int KeyBits = 4096;

    /// <summary>Loads a key of 4096 bits; null for what is none.</summary>
    public static RSA? Load(ReadOnlySpan<byte> spki)
    {
        RSA key = RSA.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(spki, out int read);
            if (read == spki.Length && key.KeySize == KeyBits)
            {
                return key;
            }
        }
        catch (CryptographicException)
        {
            // Not a key: the loaders throw on hostile bytes.
        }

        key.Dispose();
        return null;
    }

    /// <summary>True when the signature is by this key.</summary>
    public static bool VerifyPss384(RSA key, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        try
        {
            return key.VerifyData(data, signature, HashAlgorithmName.SHA384, RSASignaturePadding.Pss);
        }
        catch (CryptographicException)
        {
            // Not a signature of this size.
            return false;
        }
    }
}
