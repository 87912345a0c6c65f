using System.Runtime.InteropServices;

namespace Veil.Crypto;

/// <summary>
/// The entry points of libcrypto that RSA needs: private keys through EVP, public arithmetic through BN. Reached only where
/// <see cref="Libcrypto.IsLoaded"/> was asked first, which puts the resolver of the library's name in place.
/// </summary>
internal static unsafe partial class RsaInterop
{
    /// <summary>RSA_NO_PADDING: the raw private operation.</summary>
    public const int NoPadding = 3;

    private const string Library = "libcrypto";

    [LibraryImport(Library, EntryPoint = "d2i_AutoPrivateKey")]
    public static partial nint DecodePrivateKey(nint existing, byte** der, nint length);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_free")]
    public static partial void FreeKey(nint key);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_CTX_new")]
    public static partial nint NewContext(RsaKeyHandle key, nint engine);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_CTX_free")]
    public static partial void FreeContext(nint context);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_decrypt_init")]
    public static partial int DecryptInit(nint context);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_CTX_set_rsa_padding")]
    public static partial int SetPadding(nint context, int padding);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_decrypt")]
    public static partial int Decrypt(nint context, byte* output, nuint* outputLength, byte* input, nuint inputLength);

    [LibraryImport(Library, EntryPoint = "ERR_clear_error")]
    public static partial void ClearErrors();

    [LibraryImport(Library, EntryPoint = "BN_bin2bn")]
    public static partial nint ReadBignum(byte* octets, int length, nint target);

    [LibraryImport(Library, EntryPoint = "BN_bn2binpad")]
    public static partial int WriteBignum(nint value, byte* octets, int length);

    [LibraryImport(Library, EntryPoint = "BN_clear_free")]
    public static partial void FreeBignum(nint value);

    [LibraryImport(Library, EntryPoint = "BN_MONT_CTX_new")]
    public static partial nint NewMontgomery();

    [LibraryImport(Library, EntryPoint = "BN_MONT_CTX_set")]
    public static partial int SetMontgomery(nint montgomery, BignumHandle modulus, nint context);

    [LibraryImport(Library, EntryPoint = "BN_MONT_CTX_free")]
    public static partial void FreeMontgomery(nint montgomery);

    [LibraryImport(Library, EntryPoint = "BN_CTX_new")]
    public static partial nint NewBignumContext();

    [LibraryImport(Library, EntryPoint = "BN_CTX_free")]
    public static partial void FreeBignumContext(nint context);

    [LibraryImport(Library, EntryPoint = "BN_CTX_start")]
    public static partial void StartFrame(nint context);

    [LibraryImport(Library, EntryPoint = "BN_CTX_get")]
    public static partial nint NextBignum(nint context);

    [LibraryImport(Library, EntryPoint = "BN_CTX_end")]
    public static partial void EndFrame(nint context);

    [LibraryImport(Library, EntryPoint = "BN_mod_exp_mont")]
    public static partial int ModExp(nint result, nint value, BignumHandle exponent, BignumHandle modulus, nint context, MontgomeryHandle montgomery);

    [LibraryImport(Library, EntryPoint = "BN_mod_mul")]
    public static partial int ModMultiply(nint result, nint left, nint right, BignumHandle modulus, nint context);

    [LibraryImport(Library, EntryPoint = "BN_mod_inverse")]
    public static partial nint ModInverse(nint result, nint value, BignumHandle modulus, nint context);
}
