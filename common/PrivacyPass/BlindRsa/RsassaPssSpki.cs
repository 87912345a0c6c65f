namespace Veil.PrivacyPass;

/// <summary>
/// The SubjectPublicKeyInfo of token type 2 (RFC 9578 section 6.5): id-RSASSA-PSS with SHA-384, MGF1-SHA-384 and salt 48, a 2048-bit modulus and exponent 65537. With all of
/// that fixed, the 342 bytes of DER are the same for every key but for the modulus; any other encoding would give the same key a second id, and is refused.
/// </summary>
internal static class RsassaPssSpki
{
    /// <summary>The whole structure in bytes.</summary>
    public const int Size = 342;

    // SEQUENCE { SEQUENCE { id-RSASSA-PSS, SEQUENCE { [0] { SEQUENCE { sha384 } }, [1] { SEQUENCE { mgf1, SEQUENCE { sha384 } } }, [2] { INTEGER 48 } } },
    //            BIT STRING { SEQUENCE { INTEGER modulus, with the zero byte that keeps it positive
    private static ReadOnlySpan<byte> BeforeModulus =>
    [
        0x30, 0x82, 0x01, 0x52,
        0x30, 0x3D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A,
        0x30, 0x30,
        0xA0, 0x0D, 0x30, 0x0B, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02,
        0xA1, 0x1A, 0x30, 0x18, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x08,
        0x30, 0x0B, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02,
        0xA2, 0x03, 0x02, 0x01, 0x30,
        0x03, 0x82, 0x01, 0x0F, 0x00,
        0x30, 0x82, 0x01, 0x0A,
        0x02, 0x82, 0x01, 0x01, 0x00,
    ];

    // INTEGER 65537 } } }
    private static ReadOnlySpan<byte> AfterModulus => [0x02, 0x03, 0x01, 0x00, 0x01];

    /// <summary>65537, big-endian.</summary>
    public static ReadOnlySpan<byte> Exponent => [0x01, 0x00, 0x01];

    /// <summary>The encoding of a key.</summary>
    /// <param name="modulus">256 bytes, the top bit set.</param>
    public static byte[] Write(ReadOnlySpan<byte> modulus) => [.. BeforeModulus, .. modulus, .. AfterModulus];

    /// <summary>The modulus of an exact encoding, top bit set; whether it can be an RSA modulus is the caller's question.</summary>
    public static bool TryReadModulus(ReadOnlySpan<byte> spki, out ReadOnlySpan<byte> modulus)
    {
        bool exact = spki.Length == Size && spki.StartsWith(BeforeModulus) && spki.EndsWith(AfterModulus) && spki[BeforeModulus.Length] >= 0x80;
        modulus = exact ? spki.Slice(BeforeModulus.Length, BlindRsa2048.ModulusSize) : default;
        return exact;
    }
}
