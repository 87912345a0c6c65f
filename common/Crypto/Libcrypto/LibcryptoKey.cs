using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>An EVP_PKEY made of raw bytes; freed, and a private key erased by libcrypto, when nobody borrows it any more.</summary>
internal sealed unsafe class LibcryptoKey : SafeHandle
{
    private LibcryptoKey(nint key)
        : base(0, ownsHandle: true) => SetHandle(key);

    public override bool IsInvalid => handle == 0;

    /// <summary>Takes a private key of the type that the NID names.</summary>
    public static LibcryptoKey ImportPrivate(int type, ReadOnlySpan<byte> raw)
    {
        RequireLibrary();
        fixed (byte* bytes = raw)
            return Made(Libcrypto.NewRawPrivateKey(type, 0, bytes, (nuint)raw.Length));
    }

    /// <summary>Takes a public key of the type that the NID names.</summary>
    public static LibcryptoKey ImportPublic(int type, ReadOnlySpan<byte> raw)
    {
        RequireLibrary();
        fixed (byte* bytes = raw)
            return Made(Libcrypto.NewRawPublicKey(type, 0, bytes, (nuint)raw.Length));
    }

    /// <summary>The pointer for as long as the hold lives.</summary>
    public Hold Borrow() => new(this);

    /// <summary>The raw public key.</summary>
    public byte[] PublicKey(int size)
    {
        using Hold held = Borrow();
        var raw = new byte[size];
        nuint length = (nuint)size;
        fixed (byte* bytes = raw)
            Libcrypto.Check(Libcrypto.GetRawPublicKey(held.Pointer, bytes, &length));
        return raw;
    }

    /// <summary>The raw private key.</summary>
    public void Export(Span<byte> raw)
    {
        using Hold held = Borrow();
        nuint length = (nuint)raw.Length;
        fixed (byte* bytes = raw)
            Libcrypto.Check(Libcrypto.GetRawPrivateKey(held.Pointer, bytes, &length));
    }

    protected override bool ReleaseHandle()
    {
        Libcrypto.FreeKey(handle);
        return true;
    }

    private static void RequireLibrary()
    {
        if (!Libcrypto.IsLoaded)
            throw new PlatformNotSupportedException("Ed25519 needs OpenSSL 3's libcrypto.");
    }

    private static LibcryptoKey Made(nint key) => key != 0 ? new(key) : throw new CryptographicException("libcrypto does not take this key.");

    /// <summary>Keeps the key from being freed.</summary>
    internal readonly ref struct Hold : IDisposable
    {
        private readonly LibcryptoKey _key;
        private readonly bool _held;

        public Hold(LibcryptoKey key)
        {
            _key = key;
            key.DangerousAddRef(ref _held);
        }

        public nint Pointer => _key.handle;

        public void Dispose()
        {
            if (_held)
                _key.DangerousRelease();
        }
    }
}
