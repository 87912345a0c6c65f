using System.Runtime.InteropServices;

namespace Veil.Crypto;

/// <summary>Key objects and Diffie-Hellman (EVP_PKEY).</summary>
internal static partial class Libcrypto
{
    /// <summary>NID of X25519.</summary>
    internal const int X25519 = 1034;

    [LibraryImport(Name, EntryPoint = "EVP_PKEY_new_raw_private_key")]
    internal static unsafe partial nint NewRawPrivateKey(int type, nint engine, byte* key, nuint length);

    [LibraryImport(Name, EntryPoint = "EVP_PKEY_new_raw_public_key")]
    internal static unsafe partial nint NewRawPublicKey(int type, nint engine, byte* key, nuint length);

    [LibraryImport(Name, EntryPoint = "EVP_PKEY_get_raw_public_key")]
    internal static unsafe partial int GetRawPublicKey(nint key, byte* destination, nuint* length);

    [LibraryImport(Name, EntryPoint = "EVP_PKEY_get_raw_private_key")]
    internal static unsafe partial int GetRawPrivateKey(nint key, byte* destination, nuint* length);

    [LibraryImport(Name, EntryPoint = "EVP_PKEY_set1_encoded_public_key")]
    internal static unsafe partial int SetEncodedPublicKey(nint key, byte* encoded, nuint length);

    [LibraryImport(Name, EntryPoint = "EVP_PKEY_free")]
    internal static partial void FreeKey(nint key);

    [LibraryImport(Name, EntryPoint = "EVP_PKEY_CTX_new_from_pkey")]
    internal static partial nint NewKeyContext(nint library, nint key, nint properties);

    [LibraryImport(Name, EntryPoint = "EVP_PKEY_CTX_free")]
    internal static partial void FreeKeyContext(nint context);

    [LibraryImport(Name, EntryPoint = "EVP_PKEY_derive_init")]
    internal static partial int DeriveInit(nint context);

    [LibraryImport(Name, EntryPoint = "EVP_PKEY_derive_set_peer_ex")]
    internal static partial int DeriveSetPeer(nint context, nint peer, int validate);

    [LibraryImport(Name, EntryPoint = "EVP_PKEY_derive")]
    internal static unsafe partial int Derive(nint context, byte* secret, nuint* length);

    /// <summary>Forgets the reasons of failed calls on this thread, so that nobody reads ours as theirs.</summary>
    [LibraryImport(Name, EntryPoint = "ERR_clear_error")]
    internal static partial void ClearErrors();
}
