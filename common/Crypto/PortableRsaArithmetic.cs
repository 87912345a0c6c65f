using System.Numerics;

namespace Veil.Crypto;

/// <summary>
/// RSA client arithmetic on <see cref="BigInteger"/>, for machines without libcrypto. BigInteger is not constant time and its
/// values cannot be erased: the inversion runs on a masked value, while r^e, with its fixed and public exponent, and the two
/// products remain with a residual timing dependence on values that are used once. No private key ever comes here.
/// </summary>
internal sealed class PortableRsaArithmetic : RsaArithmetic
{
    private readonly BigInteger _n;
    private readonly BigInteger _e;

    public PortableRsaArithmetic(ReadOnlySpan<byte> modulus, ReadOnlySpan<byte> exponent)
    {
        _n = FromOctets(modulus);
        _e = FromOctets(exponent);
    }

    public override void Encrypt(ReadOnlySpan<byte> value, Span<byte> result) => ToOctets(BigInteger.ModPow(FromOctets(value), _e, _n), result);

    public override bool TryBlind(ReadOnlySpan<byte> message, ReadOnlySpan<byte> r, ReadOnlySpan<byte> mask, Span<byte> blinded, Span<byte> inverse)
    {
        BigInteger m = FromOctets(message);
        BigInteger blind = FromOctets(r);
        BigInteger cover = m * FromOctets(mask) % _n;
        if (!TryInvert(blind * cover % _n, out BigInteger inverted))
            return false;

        ToOctets(inverted * cover % _n, inverse);
        ToOctets(m * BigInteger.ModPow(blind, _e, _n) % _n, blinded);
        return true;
    }

    public override void Multiply(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> result) =>
        ToOctets(FromOctets(left) * FromOctets(right) % _n, result);

    /// <summary>Extended Euclid; false when the greatest common divisor with n is not 1.</summary>
    private bool TryInvert(BigInteger value, out BigInteger inverse)
    {
        (BigInteger previous, BigInteger remainder) = (_n, value);
        (BigInteger previousFactor, BigInteger factor) = (BigInteger.Zero, BigInteger.One);
        while (!remainder.IsZero)
        {
            BigInteger quotient = BigInteger.DivRem(previous, remainder, out BigInteger next);
            (previous, remainder) = (remainder, next);
            (previousFactor, factor) = (factor, previousFactor - (quotient * factor));
        }

        inverse = previousFactor.Sign < 0 ? previousFactor + _n : previousFactor;
        return previous.IsOne;
    }

    private static BigInteger FromOctets(ReadOnlySpan<byte> octets) => new(octets, isUnsigned: true, isBigEndian: true);

    private static void ToOctets(BigInteger value, Span<byte> destination)
    {
        int size = value.GetByteCount(isUnsigned: true);
        destination[..^size].Clear();
        if (!value.TryWriteBytes(destination[^size..], out _, isUnsigned: true, isBigEndian: true))
            throw new InvalidOperationException("A value below the modulus fits into its bytes.");
    }
}
