using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Veil.Crypto;

namespace Veil.Common.Tests.Crypto.Lanes;

/// <summary>Arithmetic in lanes against <see cref="BigInteger"/>, up to the largest limbs and numbers that it takes.</summary>
public static class Field384x4Tests
{
    private static readonly BigInteger Prime = BigInteger.Pow(2, 384) - BigInteger.Pow(2, 128) - BigInteger.Pow(2, 96) + BigInteger.Pow(2, 32) - 1;
    private static readonly BigInteger InverseOfR = BigInteger.ModPow(BigInteger.Pow(2, 392), Prime - 2, Prime);

    [Theory]
    [InlineData(1, 1, 1, 1)]
    [InlineData(3, 3, 11, 11)]
    [InlineData(4, 2, 64, 2)]
    [InlineData(1, 7, 1, 128)]
    [InlineData(7, 1, 8, 16)]
    public static void A_product_is_right_and_narrow_for_the_widest_factors(int leftWidth, int rightWidth, int leftSize, int rightSize)
    {
        VoprfSuites.Lanes();
        var random = new Random(3);
        for (int round = 0; round < 200; round++)
        {
            Field384x4 left = Number(random, round, leftWidth, leftSize), right = Number(random, round / 5, rightWidth, rightSize);
            Field384x4.Multiply(left, right, out Field384x4 product);
            for (int lane = 0; lane < Field384x4.Lanes; lane++)
            {
                BigInteger a = Value(left, lane), b = Value(right, lane), found = Value(product, lane);
                BigInteger excess = BigInteger.Abs(a * b) >> 392;
                Assert.Equal(Modulo(a * b * InverseOfR), Modulo(found));
                Assert.InRange(found, -excess - 1, Prime + excess + 1);
                for (int i = 0; i < Field384x4.Limbs - 1; i++)
                    Assert.InRange(Limb(ref product, i).GetElement(lane), 0, (1L << 28) - 1);
            }
        }
    }

    [Fact]
    public static void Sums_differences_and_carries_keep_the_number()
    {
        VoprfSuites.Lanes();
        var random = new Random(5);
        for (int round = 0; round < 100; round++)
        {
            Field384x4 left = Number(random, round, 3, 11), right = Number(random, round / 5, 4, 7);
            Field384x4.Add(left, right, out Field384x4 sum);
            Field384x4.Subtract(left, right, out Field384x4 difference);
            Field384x4.Triple(left, out Field384x4 triple);
            Field384x4.Carry(triple, out Field384x4 carried);
            Field384x4.Negate(right, Vector256.Create(0L, -1, 0, -1), out Field384x4 negative);
            Field384x4.Permute(left, 2, out Field384x4 permuted);
            for (int lane = 0; lane < Field384x4.Lanes; lane++)
            {
                BigInteger a = Value(left, lane), b = Value(right, lane);
                Assert.Equal(a + b, Value(sum, lane));
                Assert.Equal(a - b, Value(difference, lane));
                Assert.Equal(3 * a, Value(triple, lane));
                Assert.Equal(3 * a, Value(carried, lane));
                Assert.Equal(lane % 2 == 1 ? -b : b, Value(negative, lane));
                Assert.Equal(a, Value(permuted, lane ^ 2));
                for (int i = 0; i < Field384x4.Limbs - 1; i++)
                    Assert.InRange(Limb(ref carried, i).GetElement(lane), -16, (1L << 28) + 16);
            }
        }
    }

    [Fact]
    public static void A_number_comes_out_as_it_went_in_and_reduced_whatever_its_size()
    {
        VoprfSuites.Lanes();
        var random = new Random(9);
        BigInteger[] edges = [0, 1, 2, Prime - 1, Prime - 2, BigInteger.Pow(2, 128), BigInteger.Pow(2, 383), (BigInteger.One << 364) - 1, BigInteger.Pow(2, 384) - Prime];
        for (int count = 1; count <= Field384x4.Lanes; count++)
        {
            foreach (BigInteger edge in edges)
            {
                Residue384<P384Prime>[] values = [.. Enumerable.Range(0, count).Select(i => Residue(Modulo(edge + i)))];
                Field384x4.Load(values, out Field384x4 loaded);
                var stored = new Residue384<P384Prime>[count];
                loaded.Store(stored);
                Assert.Equal(values, stored);
            }
        }

        for (int round = 0; round < 100; round++)
        {
            Field384x4 number = Number(random, round, 3, 64);
            var stored = new Residue384<P384Prime>[Field384x4.Lanes];
            number.Store(stored);
            for (int lane = 0; lane < stored.Length; lane++)
                Assert.Equal(Residue(Modulo(Value(number, lane) * InverseOfR)), stored[lane]);
        }
    }

    [Theory]
    [InlineData("02")]
    [InlineData("3f00a1")]
    [InlineData("fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000fffffffd")]
    public static void A_power_is_that_of_each_number(string exponent)
    {
        VoprfSuites.Lanes();
        for (int count = 0; count <= 9; count++)
        {
            Residue384<P384Prime>[] numbers = [.. Enumerable.Range(0, count).Select(i => Residue(Modulo(-3 * i)))];
            Residue384<P384Prime>[] expected = [.. numbers.Select(number => number.Power(Convert.FromHexString(exponent)))];
            Field384x4.Raise(numbers, Convert.FromHexString(exponent));
            Assert.Equal(expected, numbers);
        }
    }

    /// <summary>A number whose limbs are at their limits, of one sign, of alternating signs, or at random, by turns and in different lanes.</summary>
    private static Field384x4 Number(Random random, int pattern, int width, int size)
    {
        long limit = (long)width << 28, top = ((long)size << 20) - width - 1;
        Field384x4 number = default;
        for (int i = 0; i < Field384x4.Limbs; i++)
        {
            long most = i == Field384x4.Limbs - 1 ? top : limit;
            Limb(ref number, i) = Vector256.Create(Choose(pattern, i, most), Choose(pattern + 1, i, most), Choose(pattern + 2, i, most), Choose(4, i, most));
        }

        return number;

        long Choose(int kind, int i, long most) => (kind % 5) switch
        {
            0 => most,
            1 => -most,
            2 => i % 2 == 0 ? most : -most,
            3 => i % 2 == 0 ? -most : most,
            _ => random.NextInt64(-most, most + 1),
        };
    }

    private static BigInteger Value(Field384x4 number, int lane)
    {
        BigInteger value = 0;
        for (int i = Field384x4.Limbs - 1; i >= 0; i--)
            value = (value << 28) + Limb(ref number, i).GetElement(lane);
        return value;
    }

    private static ref Vector256<long> Limb(ref Field384x4 number, int index) => ref Unsafe.Add(ref Unsafe.As<Field384x4, Vector256<long>>(ref number), index);

    private static BigInteger Modulo(BigInteger value) => ((value % Prime) + Prime) % Prime;

    private static Residue384<P384Prime> Residue(BigInteger value)
    {
        Assert.True(Residue384<P384Prime>.TryRead(RsaBackends.Octets(value, 48), out Residue384<P384Prime> residue));
        return residue;
    }
}
