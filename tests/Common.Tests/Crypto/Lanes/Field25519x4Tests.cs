using System.Numerics;
using System.Runtime.Intrinsics;
using Veil.Crypto;

namespace Veil.Common.Tests.Crypto.Lanes;

/// <summary>Numbers modulo 2^255 - 19 in lanes against <see cref="BigInteger"/>, at random and at the edges of their limbs.</summary>
public static class Field25519x4Tests
{
    private static readonly BigInteger P = BigInteger.Pow(2, 255) - 19;

    [Fact]
    public static void Numbers_come_out_as_they_went_in_but_below_p()
    {
        foreach (BigInteger[] numbers in Numbers())
            Assert.Equal(numbers.Select(number => number % P), Values(Load(numbers)));
    }

    [Fact]
    public static void Products_squares_sums_and_differences_are_those_of_the_numbers()
    {
        BigInteger[][] all = [.. Numbers()];
        for (int i = 0; i < all.Length; i++)
        {
            (BigInteger[] left, BigInteger[] right) = (all[i], all[(i * 7 + 3) % all.Length]);
            (Field25519x4 a, Field25519x4 b) = (Load(left), Load(right));
            Field25519x4.Multiply(a, b, out Field25519x4 product);
            Check(product, left, right, (x, y) => x * y);
            Field25519x4.Square(a, out Field25519x4 square);
            Check(square, left, right, (x, _) => x * x);
            Field25519x4.Add(a, b, out Field25519x4 sum);
            Check(sum, left, right, (x, y) => x + y);
            Field25519x4.Subtract(a, b, out Field25519x4 difference);
            Check(difference, left, right, (x, y) => x - y);

            // As wide as the formulas let factors be: three products, and the negative of three.
            Field25519x4.Add(product, square, out Field25519x4 wide);
            Field25519x4.Add(wide, product, out wide);
            Field25519x4.Negate(wide, Vector256<long>.AllBitsSet, out Field25519x4 negative);
            Field25519x4.Multiply(wide, negative, out Field25519x4 widest);
            Check(widest, left, right, (x, y) => -BigInteger.Pow((2 * x * y) + (x * x), 2));
            Field25519x4.Square(negative, out widest);
            Check(widest, left, right, (x, y) => BigInteger.Pow((2 * x * y) + (x * x), 2));
        }
    }

    [Fact]
    public static void Limbs_of_the_largest_width_multiply_without_an_overflow()
    {
        // 3.3 times 2^25 and 2^24, in every mixture of signs.
        Skip();
        var random = new Random(4);
        for (int round = 0; round < 200; round++)
        {
            (Field25519x4 a, BigInteger[] left) = Widest(random, round);
            (Field25519x4 b, BigInteger[] right) = Widest(random, round + 1);
            Field25519x4.Multiply(a, b, out Field25519x4 product);
            Check(product, left, right, (x, y) => x * y);
            Field25519x4.Square(a, out Field25519x4 square);
            Check(square, left, right, (x, _) => x * x);
            Field25519x4.Multiply(product, square, out Field25519x4 next);
            Check(next, left, right, (x, y) => x * y * x * x);
        }
    }

    [Fact]
    public static void Signs_zeros_and_choices_are_those_of_the_numbers()
    {
        Skip();
        BigInteger[] numbers = [0, 1, P - 1, P];
        Field25519x4 value = Load(numbers);
        Assert.Equal([0L, -1L, 0L, 0L], Lanes(Field25519x4.IsNegative(value)));
        Assert.Equal([-1L, 0L, 0L, -1L], Lanes(Field25519x4.IsZero(value)));
        Vector256<long> mask = Vector256.Create(-1L, 0, -1, 0);
        Field25519x4.Negate(value, mask, out Field25519x4 negated);
        Assert.Equal([0, 1, 1, 0], Values(negated));
        Field25519x4.Select(mask, value, Field25519x4.One, out Field25519x4 selected);
        Assert.Equal([0, 1, P - 1, 1], Values(selected));
        Field25519x4.Permute(value, 1, out Field25519x4 permuted);
        Assert.Equal([1, P - 1, 0, 0], Values(permuted));
        Field25519x4.Permute(value, 2, out permuted);
        Assert.Equal([P - 1, 0, 0, 1], Values(permuted));
    }

    [Fact]
    public static void The_power_that_leads_to_roots_is_right()
    {
        foreach (BigInteger[] numbers in Numbers().Take(12))
        {
            Field25519x4.RaiseForRoot(Load(numbers), out Field25519x4 power);
            Assert.Equal(numbers.Select(number => BigInteger.ModPow(number, (P - 5) / 8, P)), Values(power));
        }
    }

    private static IEnumerable<BigInteger[]> Numbers()
    {
        Skip();
        BigInteger top = BigInteger.Pow(2, 255) - 1;
        yield return [0, 1, 2, 19];
        yield return [P - 1, P, P + 1, top];
        yield return [P - 19, P / 2, (P / 2) + 1, top - 19];
        for (int bit = 0; bit < 255; bit += 4)
            yield return [.. Enumerable.Range(bit, 4).Select(place => BigInteger.Pow(2, Math.Min(place, 254)))];
        for (int bit = 1; bit < 255; bit += 4)
            yield return [.. Enumerable.Range(bit, 4).Select(place => BigInteger.Pow(2, Math.Min(place, 255)) - 1)];
        var random = new Random(7);
        byte[] bytes = new byte[32];
        for (int i = 0; i < 100; i++)
        {
            yield return
            [
                .. Enumerable.Range(0, 4).Select(_ =>
                {
                    random.NextBytes(bytes);
                    return new BigInteger(bytes, isUnsigned: true) >> 1;
                }),
            ];
        }
    }

    private static (Field25519x4 Value, BigInteger[] Numbers) Widest(Random random, int round)
    {
        int[] starts = [0, 26, 51, 77, 102, 128, 153, 179, 204, 230];
        Field25519x4 value = default;
        var numbers = new BigInteger[4];
        for (int i = 0; i < Field25519x4.Limbs; i++)
        {
            long largest = (long)(3.3 * (1 << (i % 2 == 0 ? 25 : 24)));
            long[] limbs = [.. Enumerable.Range(0, 4).Select(lane => (round % 3) switch
            {
                0 => random.Next(2) == 0 ? largest : -largest,
                1 => lane % 2 == 0 ? largest : -largest,
                _ => random.NextInt64(-largest, largest + 1),
            })];
            value[i] = Vector256.Create(limbs[0], limbs[1], limbs[2], limbs[3]);
            for (int lane = 0; lane < 4; lane++)
                numbers[lane] += new BigInteger(limbs[lane]) << starts[i];
        }

        return (value, numbers);
    }

    private static Field25519x4 Load(BigInteger[] numbers)
    {
        byte[] bytes = new byte[4 * Field25519x4.Size];
        for (int lane = 0; lane < 4; lane++)
            Assert.True(numbers[lane].TryWriteBytes(bytes.AsSpan(lane * Field25519x4.Size, Field25519x4.Size), out _, isUnsigned: true));
        Field25519x4.Load(bytes, out Field25519x4 value);
        return value;
    }

    private static BigInteger[] Values(in Field25519x4 value)
    {
        byte[] bytes = new byte[4 * Field25519x4.Size];
        value.Store(bytes);
        return [.. bytes.Chunk(Field25519x4.Size).Select(number => new BigInteger(number, isUnsigned: true))];
    }

    private static void Check(in Field25519x4 found, BigInteger[] left, BigInteger[] right, Func<BigInteger, BigInteger, BigInteger> expected) =>
        Assert.Equal(left.Zip(right, (x, y) => ((expected(x, y) % P) + P) % P), Values(found));

    private static long[] Lanes(Vector256<long> mask) => [mask[0], mask[1], mask[2], mask[3]];

    private static void Skip() => Assert.SkipUnless(System.Runtime.Intrinsics.X86.Avx2.IsSupported, "This processor has no AVX2.");
}
