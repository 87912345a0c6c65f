using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Veil.Hpke;

namespace Veil.Ohttp;

/// <summary>AEAD key and nonce of one response (RFC 9458 section 4.4), on the caller's stack.</summary>
internal struct ResponseKeys
{
    private const int NonceOffset = HpkeSuite.MaxKeySize;

    private Bytes _bytes;

    [UnscopedRef]
    internal Span<byte> Nonce => ((Span<byte>)_bytes)[NonceOffset..];

    [UnscopedRef]
    internal Span<byte> Key(HpkeSuite suite) => ((Span<byte>)_bytes)[..suite.KeySize];

    /// <summary>prk = Extract(enc || response_nonce, secret); key = Expand(prk, "key"); nonce = Expand(prk, "nonce").</summary>
    internal static void Derive(HpkeSuite suite, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> enc, ReadOnlySpan<byte> responseNonce, out ResponseKeys keys)
    {
        int saltSize = enc.Length + responseNonce.Length;
        Span<byte> salt = saltSize <= 128 ? stackalloc byte[128] : new byte[saltSize];
        salt = salt[..saltSize];
        enc.CopyTo(salt);
        responseNonce.CopyTo(salt[enc.Length..]);

        Span<byte> prk = stackalloc byte[HpkeSuite.HashSize];
        HpkeSuite.Extract(salt, secret, prk);
        keys = default;
        HpkeSuite.Expand(prk, "key"u8, keys.Key(suite), "nonce"u8, keys.Nonce);
        CryptographicOperations.ZeroMemory(prk);
    }

    /// <summary>The nonce of chunk <paramref name="counter"/>: nonce XOR I2OSP(counter, Nn).</summary>
    internal void ChunkNonce(ulong counter, Span<byte> nonce)
    {
        Nonce.CopyTo(nonce);
        Span<byte> low = nonce[^sizeof(ulong)..];
        BinaryPrimitives.WriteUInt64BigEndian(low, BinaryPrimitives.ReadUInt64BigEndian(low) ^ counter);
    }

    internal void Clear() => CryptographicOperations.ZeroMemory(_bytes);

    [InlineArray(NonceOffset + HpkeSuite.NonceSize)]
    private struct Bytes
    {
        private byte _first;
    }
}
