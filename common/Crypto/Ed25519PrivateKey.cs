using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>A key that signs with Ed25519 (RFC 8032 section 5.1.6) in libcrypto: deterministic and in constant time. Shared by threads; its seed leaves it only by <see cref="Export"/>.</summary>
public sealed unsafe class Ed25519PrivateKey : IDisposable
{
    /// <summary>Bytes of the seed that is the key.</summary>
    public const int SeedSize = 32;

    private readonly LibcryptoKey _key;

    private Ed25519PrivateKey(LibcryptoKey key)
    {
        _key = key;
        PublicKey = new Ed25519PublicKey(key.PublicKey(Ed25519PublicKey.Size));
    }

    /// <summary>What verifies its signatures.</summary>
    public Ed25519PublicKey PublicKey { get; }

    /// <summary>Makes a key.</summary>
    /// <exception cref="PlatformNotSupportedException">There is no libcrypto.</exception>
    public static Ed25519PrivateKey Generate()
    {
        Span<byte> seed = stackalloc byte[SeedSize];
        RandomNumberGenerator.Fill(seed);
        Ed25519PrivateKey key = Import(seed);
        CryptographicOperations.ZeroMemory(seed);
        return key;
    }

    /// <summary>Takes a key.</summary>
    /// <param name="seed">32 bytes; the caller erases them.</param>
    /// <exception cref="ArgumentException">Another size.</exception>
    /// <exception cref="PlatformNotSupportedException">There is no libcrypto.</exception>
    public static Ed25519PrivateKey Import(ReadOnlySpan<byte> seed)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(seed.Length, SeedSize, nameof(seed));
        return new(LibcryptoKey.ImportPrivate(Libcrypto.Ed25519, seed));
    }

    /// <summary>Signs a message.</summary>
    /// <param name="message">Any length.</param>
    /// <returns>64 bytes.</returns>
    public byte[] Sign(ReadOnlySpan<byte> message)
    {
        var signature = new byte[Ed25519PublicKey.SignatureSize];
        nint context = Libcrypto.NewDigestContext();
        try
        {
            using LibcryptoKey.Hold held = _key.Borrow();
            if (context == 0)
                throw new CryptographicException("libcrypto gave no context to sign with.");
            Libcrypto.Check(Libcrypto.DigestSignInit(context, 0, 0, 0, held.Pointer));
            byte none = 0;
            nuint length = (nuint)signature.Length;
            fixed (byte* data = message, bytes = signature)
                Libcrypto.Check(Libcrypto.DigestSign(context, bytes, &length, data is null ? &none : data, (nuint)message.Length));
            return signature;
        }
        finally
        {
            Libcrypto.FreeDigestContext(context);
        }
    }

    /// <summary>Writes the seed, for storage; the caller erases it.</summary>
    /// <param name="seed">32 bytes.</param>
    public void Export(Span<byte> seed)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(seed.Length, SeedSize, nameof(seed));
        _key.Export(seed);
    }

    /// <summary>libcrypto erases the key.</summary>
    public void Dispose() => _key.Dispose();
}
