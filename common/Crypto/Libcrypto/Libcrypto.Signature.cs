using System.Runtime.InteropServices;

namespace Veil.Crypto;

/// <summary>Signatures over whole messages (EVP_DigestSign and EVP_DigestVerify).</summary>
internal static partial class Libcrypto
{
    /// <summary>NID of Ed25519.</summary>
    internal const int Ed25519 = 1087;

    [LibraryImport(Name, EntryPoint = "EVP_MD_CTX_new")]
    internal static partial nint NewDigestContext();

    [LibraryImport(Name, EntryPoint = "EVP_MD_CTX_free")]
    internal static partial void FreeDigestContext(nint context);

    [LibraryImport(Name, EntryPoint = "EVP_DigestSignInit")]
    internal static partial int DigestSignInit(nint context, nint keyContext, nint digest, nint engine, nint key);

    [LibraryImport(Name, EntryPoint = "EVP_DigestSign")]
    internal static unsafe partial int DigestSign(nint context, byte* signature, nuint* signatureLength, byte* message, nuint length);

    [LibraryImport(Name, EntryPoint = "EVP_DigestVerifyInit")]
    internal static partial int DigestVerifyInit(nint context, nint keyContext, nint digest, nint engine, nint key);

    [LibraryImport(Name, EntryPoint = "EVP_DigestVerify")]
    internal static unsafe partial int DigestVerify(nint context, byte* signature, nuint signatureLength, byte* message, nuint length);
}
