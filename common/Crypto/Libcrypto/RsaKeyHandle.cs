using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>Owns an EVP_PKEY with an RSA private key. The key may be used by many threads at once; each call takes a context of its own.</summary>
internal sealed unsafe class RsaKeyHandle : SafeHandle
{
    private RsaKeyHandle(nint key)
        : base(0, ownsHandle: true) => SetHandle(key);

    public override bool IsInvalid => handle == 0;

    /// <summary>Decodes a PKCS#8 key.</summary>
    /// <exception cref="CryptographicException">libcrypto does not take it.</exception>
    public static RsaKeyHandle Decode(ReadOnlySpan<byte> pkcs8)
    {
        fixed (byte* start = pkcs8)
        {
            byte* cursor = start;
            nint key = RsaInterop.DecodePrivateKey(0, &cursor, pkcs8.Length);
            if (key != 0)
                return new(key);
        }

        RsaInterop.ClearErrors();
        throw new CryptographicException("libcrypto cannot decode this private key.");
    }

    /// <summary>RSADP (RFC 8017 section 5.1.2) with libcrypto's base blinding: <c>value^d mod n</c>, both spans as long as the modulus.</summary>
    /// <exception cref="CryptographicException">The operation failed; the value was not below the modulus, or the platform is broken.</exception>
    public void Decrypt(ReadOnlySpan<byte> value, Span<byte> result)
    {
        nint context = RsaInterop.NewContext(this, 0);
        nuint written = (nuint)result.Length;
        bool done;
        fixed (byte* input = value)
        fixed (byte* output = result)
        {
            done = context != 0
                && RsaInterop.DecryptInit(context) == 1
                && RsaInterop.SetPadding(context, RsaInterop.NoPadding) == 1
                && RsaInterop.Decrypt(context, output, &written, input, (nuint)value.Length) == 1
                && written == (nuint)result.Length;
        }

        RsaInterop.FreeContext(context);
        if (!done)
        {
            RsaInterop.ClearErrors();
            throw new CryptographicException("libcrypto's RSA private operation failed.");
        }
    }

    protected override bool ReleaseHandle()
    {
        RsaInterop.FreeKey(handle);
        return true;
    }
}
