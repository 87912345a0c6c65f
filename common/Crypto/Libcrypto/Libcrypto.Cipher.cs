using System.Runtime.InteropServices;

namespace Veil.Crypto;

/// <summary>AEAD ciphers (EVP_CIPHER).</summary>
internal static partial class Libcrypto
{
    /// <summary>EVP_CTRL_AEAD_GET_TAG.</summary>
    internal const int GetTag = 0x10;

    /// <summary>EVP_CTRL_AEAD_SET_TAG.</summary>
    internal const int SetTag = 0x11;

    [LibraryImport(Name, EntryPoint = "EVP_CIPHER_fetch", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint FetchCipher(nint library, string algorithm, nint properties);

    [LibraryImport(Name, EntryPoint = "EVP_CIPHER_CTX_new")]
    internal static partial nint NewCipherContext();

    [LibraryImport(Name, EntryPoint = "EVP_CIPHER_CTX_free")]
    internal static partial void FreeCipherContext(nint context);

    [LibraryImport(Name, EntryPoint = "EVP_CipherInit_ex2")]
    internal static unsafe partial int CipherInit(nint context, nint cipher, byte* key, byte* nonce, int encrypt, nint parameters);

    [LibraryImport(Name, EntryPoint = "EVP_CipherUpdate")]
    internal static unsafe partial int CipherUpdate(nint context, byte* output, int* written, byte* input, int length);

    [LibraryImport(Name, EntryPoint = "EVP_CipherFinal_ex")]
    internal static unsafe partial int CipherFinal(nint context, byte* output, int* written);

    [LibraryImport(Name, EntryPoint = "EVP_CIPHER_CTX_ctrl")]
    internal static unsafe partial int CipherControl(nint context, int command, int argument, byte* value);
}
