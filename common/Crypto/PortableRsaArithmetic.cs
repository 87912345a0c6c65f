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

    public override bool TryBlind(ReadOnlySpan<byte> messages, ReadOnlySpan<byte> blinds, ReadOnlySpan<byte> mask, Span<byte> blinded, Span<byte> inverses)
    {
        int size = mask.Length;
        int count = messages.Length / size;
        var m = new BigInteger[count];
        var r = new BigInteger[count];

        // products[i] is mask * m_0 * … * m_last * r_0 * … * r_(i-1).
        var products = new BigInteger[count + 1];
        products[0] = FromOctets(mask);
        for (int i = 0; i < count; i++)
        {
            m[i] = FromOctets(messages.Slice(i * size, size));
            r[i] = FromOctets(blinds.Slice(i * size, size));
            products[0] = products[0] * m[i] % _n;
        }

        for (int i = 0; i < count; i++)
            products[i + 1] = products[i] * r[i] % _n;
        if (!TryInvert(products[count], out BigInteger inverted))
            return false;

        for (int i = count - 1; i >= 0; i--)
        {
            ToOctets(inverted * products[i] % _n, inverses.Slice(i * size, size));
            inverted = inverted * r[i] % _n;
            ToOctets(m[i] * BigInteger.ModPow(r[i], _e, _n) % _n, blinded.Slice(i * size, size));
        }

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
