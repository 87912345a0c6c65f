namespace Veil.Crypto;

/// <summary>
/// What a client computes modulo an RSA public key (n, e). All octet strings are big-endian and exactly as long as the modulus;
/// all inputs are below it (the caller checked). Instances are immutable and shared by threads.
/// </summary>
internal abstract class RsaArithmetic
{
    /// <summary>True where this process calculates with libcrypto.</summary>
    public static bool UsesLibcrypto => CryptoBackend.Current is LibcryptoBackend;

    /// <summary>The implementation of the back end in use.</summary>
    public static RsaArithmetic Create(ReadOnlySpan<byte> modulus, ReadOnlySpan<byte> exponent) =>
        UsesLibcrypto ? new LibcryptoRsaArithmetic(modulus, exponent) : new PortableRsaArithmetic(modulus, exponent);

    /// <summary>RSAVP1: <c>value^e mod n</c>.</summary>
    public abstract void Encrypt(ReadOnlySpan<byte> value, Span<byte> result);

    /// <summary>
    /// The arithmetic of Blind (RFC 9474 section 4.2) for one or more messages, concatenated like everything that belongs to them: <c>blinded = m * r^e</c> and
    /// <c>inverse = r^-1</c>. One inversion serves all: that of the product of every m, every r and the mask, which has an inverse only if each m and r has
    /// one, and being uniform tells nothing about an r through the time that its inversion takes.
    /// </summary>
    /// <returns>False when a factor of n divides an input: with overwhelming probability the key is not an honest one.</returns>
    public abstract bool TryBlind(ReadOnlySpan<byte> messages, ReadOnlySpan<byte> blinds, ReadOnlySpan<byte> mask, Span<byte> blinded, Span<byte> inverses);

    /// <summary><c>left * right mod n</c>.</summary>
    public abstract void Multiply(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> result);
}
