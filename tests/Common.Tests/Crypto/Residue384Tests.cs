using System.Numerics;
using Veil.Crypto;

namespace Veil.Common.Tests.Crypto;

/// <summary>Arithmetic modulo P-384's prime and order against <see cref="BigInteger"/>.</summary>
public static class Residue384Tests
{
    private static readonly BigInteger Prime = BigInteger.Pow(2, 384) - BigInteger.Pow(2, 128) - BigInteger.Pow(2, 96) + BigInteger.Pow(2, 32) - 1;

    private static readonly BigInteger Order = RsaBackends.Number(Convert.FromHexString(
        "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"));

    [Fact]
    public static void Every_operation_modulo_the_prime_gives_what_the_mathematics_says() => Check<P384Prime>(Prime);

    [Fact]
    public static void Every_operation_modulo_the_order_gives_what_the_mathematics_says() => Check<P384Order>(Order);

    private static void Check<TModulus>(BigInteger modulus)
        where TModulus : struct, IModulus384
    {
        Assert.Equal(modulus - 2, RsaBackends.Number(TModulus.MinusTwo.ToArray()));
        Assert.False(Residue384<TModulus>.TryRead(RsaBackends.Octets(modulus, 48), out _));
        Assert.False(Residue384<TModulus>.TryRead([.. Enumerable.Repeat((byte)0xFF, 48)], out _));

        BigInteger[] values = [.. Samples(modulus)];
        foreach (BigInteger a in values)
        {
            Residue384<TModulus> left = Read<TModulus>(a);
            Assert.Equal(a, Number(left));
            Assert.Equal((modulus - a) % modulus, Number(-left));
            Assert.Equal(BigInteger.ModPow(a, modulus - 2, modulus), Number(left.Invert()));
            Assert.Equal(BigInteger.ModPow(a, 0x0120FF, modulus), Number(left.Power([0x01, 0x20, 0xFF])));
            Assert.Equal(a.IsEven ? 0UL : 1UL, left.Parity);
            Assert.Equal(a.IsZero, left.IsZero);
            foreach (BigInteger b in values)
            {
                Residue384<TModulus> right = Read<TModulus>(b);
                Assert.Equal((a + b) % modulus, Number(left + right));
                Assert.Equal((a - b + modulus) % modulus, Number(left - right));
                Assert.Equal(a * b % modulus, Number(left * right));
                Assert.Equal(a == b ? 1UL : 0UL, Residue384<TModulus>.Same(left, right));
                Assert.Equal(a, Number(Residue384<TModulus>.Select(1, left, right)));
                Assert.Equal(b, Number(Residue384<TModulus>.Select(0, left, right)));
            }
        }

        var random = new Random(7);
        var wide = new byte[72];
        for (int i = 0; i < 50; i++)
        {
            random.NextBytes(wide);
            if (i == 0)
                Array.Fill(wide, (byte)0xFF);
            Assert.Equal(RsaBackends.Number(wide) % modulus, Number(Residue384<TModulus>.ReduceWide(wide)));
        }
    }

    /// <summary>Numbers at the limits of limbs and of the modulus, and some at random.</summary>
    private static IEnumerable<BigInteger> Samples(BigInteger modulus)
    {
        var random = new Random(1);
        yield return 0;
        yield return 1;
        yield return 2;
        yield return modulus - 1;
        yield return modulus - 2;
        yield return modulus >> 1;
        yield return BigInteger.Pow(2, 384) - modulus;
        yield return ulong.MaxValue;
        yield return BigInteger.Pow(2, 320) - 1;
        for (int i = 0; i < 12; i++)
        {
            var bytes = new byte[48];
            random.NextBytes(bytes);
            yield return RsaBackends.Number(bytes) % modulus;
        }
    }

    private static Residue384<TModulus> Read<TModulus>(BigInteger value)
        where TModulus : struct, IModulus384
    {
        Assert.True(Residue384<TModulus>.TryRead(RsaBackends.Octets(value, 48), out Residue384<TModulus> residue));
        return residue;
    }

    private static BigInteger Number<TModulus>(Residue384<TModulus> value)
        where TModulus : struct, IModulus384
    {
        var bytes = new byte[48];
        value.Write(bytes);
        return RsaBackends.Number(bytes);
    }
}
