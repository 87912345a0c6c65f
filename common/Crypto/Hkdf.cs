using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>HKDF-SHA256 (RFC 5869) on the back end of this process, without allocation for info strings up to a few hundred bytes.</summary>
public static class Hkdf
{
    /// <summary>Longest output of one expansion, 255 hashes.</summary>
    public const int MaxOutputSize = 255 * CryptoBackend.HashSize;

    private const int StackSize = 512;

    /// <summary>HKDF-Extract; an empty salt stands for 32 zero bytes. The 32-byte result may overlap <paramref name="ikm"/>.</summary>
    public static void Extract(CryptoBackend backend, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> ikm, Span<byte> prk)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentOutOfRangeException.ThrowIfNotEqual(prk.Length, CryptoBackend.HashSize, nameof(prk));
        backend.PrepareHmac(salt, out HmacKey key);
        backend.Hmac(ref key, ikm, prk);
        key.Clear();
    }

    /// <summary>HKDF-Expand of a 32-byte key.</summary>
    public static void Expand(CryptoBackend backend, ReadOnlySpan<byte> prk, ReadOnlySpan<byte> info, Span<byte> okm)
    {
        ArgumentNullException.ThrowIfNull(backend);
        backend.PrepareHmac(prk, out HmacKey key);
        Expand(backend, ref key, info, okm);
        key.Clear();
    }

    /// <summary>HKDF-Expand of a prepared key: cheaper where several outputs come from one key.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The output is longer than <see cref="MaxOutputSize"/>.</exception>
    [SkipLocalsInit]
    public static void Expand(CryptoBackend backend, scoped ref HmacKey prk, ReadOnlySpan<byte> info, Span<byte> okm)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(okm.Length, MaxOutputSize, nameof(okm));

        // T(i) = HMAC(PRK, T(i-1) || info || i); T(0) is empty, so the first message starts behind the place of T.
        int size = CryptoBackend.HashSize + info.Length + 1;
        Span<byte> message = size <= StackSize ? stackalloc byte[StackSize] : new byte[size];
        message = message[..size];
        info.CopyTo(message[CryptoBackend.HashSize..]);
        Span<byte> block = message[..CryptoBackend.HashSize];
        byte counter = 0;
        while (!okm.IsEmpty)
        {
            message[^1] = ++counter;
            backend.Hmac(ref prk, counter == 1 ? message[CryptoBackend.HashSize..] : message, block);
            int count = Math.Min(block.Length, okm.Length);
            block[..count].CopyTo(okm);
            okm = okm[count..];
        }

        CryptographicOperations.ZeroMemory(block);
    }
}
