using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Veil.KeyStore;

/// <summary>
/// A secret at rest that is no key of a ring: <c>nonce(12) | tag(16) | ciphertext</c> under a <see cref="WrappingKey"/>, AES-256-GCM. What the secret is for is
/// authenticated, so that one is not taken for another.
/// </summary>
public static class WrappedSecret
{
    private const int NonceSize = 12;
    private const int TagSize = 16;

    /// <summary>Wraps a secret.</summary>
    /// <param name="wrappingKey">The key around it.</param>
    /// <param name="purpose">What it is for.</param>
    /// <param name="secret">Any size.</param>
    public static byte[] Wrap(WrappingKey wrappingKey, string purpose, ReadOnlySpan<byte> secret)
    {
        ArgumentNullException.ThrowIfNull(wrappingKey);
        byte[] wrapped = new byte[NonceSize + TagSize + secret.Length];
        RandomNumberGenerator.Fill(wrapped.AsSpan(0, NonceSize));
        wrappingKey.Encrypt(wrapped.AsSpan(0, NonceSize), secret, wrapped.AsSpan(NonceSize + TagSize), wrapped.AsSpan(NonceSize, TagSize), Encoding.UTF8.GetBytes(purpose));
        return wrapped;
    }

    /// <summary>Unwraps a secret, which the caller erases.</summary>
    /// <returns>False when it was wrapped under another key, for another purpose, or is damaged.</returns>
    public static bool TryUnwrap(WrappingKey wrappingKey, string purpose, ReadOnlySpan<byte> wrapped, [NotNullWhen(true)] out byte[]? secret)
    {
        ArgumentNullException.ThrowIfNull(wrappingKey);
        secret = null;
        if (wrapped.Length < NonceSize + TagSize)
            return false;

        byte[] plain = new byte[wrapped.Length - NonceSize - TagSize];
        if (!wrappingKey.TryDecrypt(wrapped[..NonceSize], wrapped[(NonceSize + TagSize)..], wrapped.Slice(NonceSize, TagSize), plain, Encoding.UTF8.GetBytes(purpose)))
            return false;

        secret = plain;
        return true;
    }
}
