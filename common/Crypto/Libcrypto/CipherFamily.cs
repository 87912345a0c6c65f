using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>One AEAD of libcrypto with its reusable contexts; the cipher is fetched once and lives as long as the process.</summary>
internal sealed unsafe class CipherFamily
{
    private readonly nint _cipher;
    private readonly BoundedPool<CipherContext> _contexts = new();

    internal CipherFamily(string name)
    {
        _cipher = Libcrypto.FetchCipher(0, name, 0);
        if (_cipher == 0)
            throw new CryptographicException($"libcrypto has no {name}.");
    }

    internal void Encrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        CipherContext context = Rent();
        nint handle = context.Handle;
        fixed (byte* k = key, n = nonce, a = aad, input = plaintext, output = ciphertext)
        {
            int written;
            Libcrypto.Check(Libcrypto.CipherInit(handle, 0, k, n, 1, 0));
            if (!aad.IsEmpty)
                Libcrypto.Check(Libcrypto.CipherUpdate(handle, null, &written, a, aad.Length));
            if (!plaintext.IsEmpty)
                Libcrypto.Check(Libcrypto.CipherUpdate(handle, output, &written, input, plaintext.Length));
            byte* tag = output + plaintext.Length;
            Libcrypto.Check(Libcrypto.CipherFinal(handle, tag, &written));
            Libcrypto.Check(Libcrypto.CipherControl(handle, Libcrypto.GetTag, CryptoBackend.TagSize, tag));
        }

        _contexts.Return(context);
    }

    internal bool TryDecrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
    {
        CipherContext context = Rent();
        nint handle = context.Handle;
        bool authentic;
        fixed (byte* k = key, n = nonce, a = aad, input = ciphertext, output = plaintext)
        {
            int written;
            byte ignored;
            Libcrypto.Check(Libcrypto.CipherInit(handle, 0, k, n, 0, 0));
            Libcrypto.Check(Libcrypto.CipherControl(handle, Libcrypto.SetTag, CryptoBackend.TagSize, input + plaintext.Length));
            if (!aad.IsEmpty)
                Libcrypto.Check(Libcrypto.CipherUpdate(handle, null, &written, a, aad.Length));
            if (!plaintext.IsEmpty)
                Libcrypto.Check(Libcrypto.CipherUpdate(handle, output, &written, input, plaintext.Length));
            authentic = Libcrypto.CipherFinal(handle, &ignored, &written) == 1;
        }

        if (!authentic)
        {
            plaintext.Clear();
            Libcrypto.ClearErrors();
        }

        _contexts.Return(context);
        return authentic;
    }

    private CipherContext Rent() => _contexts.TryRent(out CipherContext? context) ? context : new CipherContext(_cipher);

    /// <summary>An EVP_CIPHER_CTX; one thread at a time. libcrypto clears the key in it when the next one is set or the context is freed.</summary>
    private sealed class CipherContext : SafeHandle
    {
        /// <summary>Names the cipher once: doing so again would make libcrypto tear the context down and build it anew.</summary>
        internal CipherContext(nint cipher)
            : base(0, ownsHandle: true)
        {
            SetHandle(Libcrypto.NewCipherContext());
            if (IsInvalid)
                throw new CryptographicException("libcrypto gave no cipher context.");
            Libcrypto.Check(Libcrypto.CipherInit(handle, cipher, null, null, 1, 0));
        }

        public override bool IsInvalid => handle == 0;

        internal nint Handle => handle;

        protected override bool ReleaseHandle()
        {
            Libcrypto.FreeCipherContext(handle);
            return true;
        }
    }
}
