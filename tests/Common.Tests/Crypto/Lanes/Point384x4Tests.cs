using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Veil.Crypto;
using SignedWindows = Veil.Crypto.SignedWindows<Veil.Crypto.P384Scalar>;

namespace Veil.Common.Tests.Crypto.Lanes;

/// <summary>
/// The formulas with the widest limbs and largest numbers that they take, on the curve or not: the same polynomials as over <see cref="BigInteger"/>, and
/// results within the bounds that the next formula relies on.
/// </summary>
public static class Point384x4Tests
{
    private static readonly BigInteger Prime = BigInteger.Pow(2, 384) - BigInteger.Pow(2, 128) - BigInteger.Pow(2, 96) + BigInteger.Pow(2, 32) - 1;
    private static readonly BigInteger InverseOfR = BigInteger.ModPow(BigInteger.Pow(2, 392), Prime - 2, Prime);
    private static readonly BigInteger B = RsaBackends.Number(Convert.FromHexString(
        "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef"));

    [Fact]
    public static void Doubling_keeps_its_bounds_for_the_widest_points()
    {
        VoprfSuites.Lanes();
        var random = new Random(11);
        for (int round = 0; round < 300; round++)
        {
            Point384x4 point = Widest(random, round, carried: false);
            Point384x4 doubled = default;
            Point384x4.Double(point, ref doubled);
            AssertBounds(ref doubled);
            for (int lane = 0; lane < Field384x4.Lanes; lane++)
            {
                (BigInteger x, BigInteger y, BigInteger z) = Numbers(ref point, lane);
                BigInteger u = 3 * ((B * z * z) - (2 * x * z));
                BigInteger v = 3 * ((2 * B * x * z) - (3 * z * z) - (x * x));
                BigInteger w = 3 * ((x * x) - (z * z));
                AssertNumbers(
                    ref doubled, lane, (2 * x * y * ((y * y) - u)) - (2 * y * z * v), (((y * y) - u) * ((y * y) + u)) + (w * v), 8 * y * z * y * y);
            }
        }
    }

    [Fact]
    public static void Addition_keeps_its_bounds_for_the_widest_points()
    {
        VoprfSuites.Lanes();
        var random = new Random(12);
        for (int round = 0; round < 600; round++)
        {
            Point384x4 left = Widest(random, round, carried: false), right = Widest(random, round / 7, carried: true);
            Point384x4 sum = default;
            Point384x4.Add(left, right, ref sum);
            AssertBounds(ref sum);
            for (int lane = 0; lane < Field384x4.Lanes; lane++)
            {
                (BigInteger x1, BigInteger y1, BigInteger z1) = Numbers(ref left, lane);
                (BigInteger x2, BigInteger y2, BigInteger z2) = Numbers(ref right, lane);
                BigInteger xx = x1 * x2, yy = y1 * y2, zz = z1 * z2;
                BigInteger xy = (x1 * y2) + (x2 * y1), yz = (y1 * z2) + (y2 * z1), xz = (x1 * z2) + (x2 * z1);
                BigInteger u = 3 * (xz - (B * zz)), v = 3 * ((B * xz) - (3 * zz) - xx), w = 3 * (xx - zz);
                AssertNumbers(ref sum, lane, (xy * (yy + u)) - (yz * v), ((yy + u) * (yy - u)) + (w * v), (yz * (yy - u)) + (xy * w));
            }
        }
    }

    [Fact]
    public static void Every_digit_selects_its_entry_in_each_lane()
    {
        VoprfSuites.Lanes();
        var random = new Random(13);
        Point384x4[] table = [.. Enumerable.Range(0, SignedWindows.Largest).Select(round => Widest(random, round, carried: true))];
        Point384x4 infinity = Point384x4.Infinity;
        for (int digit = -16; digit <= 16; digit++)
        {
            int[] digits = [digit, -digit, (digit + 20) % 17, 0];
            Point384x4.Select(table, Vector256.Create(digits[0], digits[1], digits[2], (long)digits[3]), out Point384x4 selected);
            for (int lane = 0; lane < Field384x4.Lanes; lane++)
            {
                ref Point384x4 expected = ref digits[lane] == 0 ? ref infinity : ref table[Math.Abs(digits[lane]) - 1];
                (BigInteger x, BigInteger y, BigInteger z) = Numbers(ref expected, lane);
                AssertNumbers(ref selected, lane, x, digits[lane] < 0 ? -y : y, z);
            }
        }
    }

    /// <summary>Coordinates at their limits, of one sign, of alternating signs, or at random.</summary>
    private static Point384x4 Widest(Random random, int pattern, bool carried)
    {
        Point384x4 point = default;
        for (int coordinate = 0; coordinate < 3; coordinate++)
        {
            long limit = (carried || coordinate == 0 ? 1L << 28 : 2L << 28) + (carried ? 16 : 0);
            for (int i = 0; i < Field384x4.Limbs; i++)
            {
                long most = i == Field384x4.Limbs - 1 ? (3L << 20) - 3 : limit;
                int sign = pattern >> coordinate;
                Limb(ref point, coordinate, i) = Vector256.Create(
                    (sign & 1) == 0 ? most : -most, ((sign + i) & 1) == 0 ? most : -most, random.NextInt64(-most, most + 1), random.Next(2) == 0 ? most : -most);
            }
        }

        return point;
    }

    private static void AssertBounds(ref Point384x4 point)
    {
        for (int lane = 0; lane < Field384x4.Lanes; lane++)
        {
            for (int coordinate = 0; coordinate < 3; coordinate++)
            {
                for (int i = 0; i < Field384x4.Limbs - 1; i++)
                    Assert.InRange(Math.Abs(Limb(ref point, coordinate, i)[lane]), 0, coordinate == 0 ? 1L << 28 : 2L << 28);
                Assert.InRange(Value(ref point, coordinate, lane), -3 * Prime, 3 * Prime);
            }
        }
    }

    private static void AssertNumbers(ref Point384x4 point, int lane, BigInteger x, BigInteger y, BigInteger z) =>
        Assert.Equal((Modulo(x), Modulo(y), Modulo(z)), Numbers(ref point, lane));

    private static (BigInteger X, BigInteger Y, BigInteger Z) Numbers(ref Point384x4 point, int lane) => (
        Modulo(Value(ref point, 0, lane) * InverseOfR), Modulo(Value(ref point, 1, lane) * InverseOfR), Modulo(Value(ref point, 2, lane) * InverseOfR));

    private static BigInteger Value(ref Point384x4 point, int coordinate, int lane)
    {
        BigInteger value = 0;
        for (int i = Field384x4.Limbs - 1; i >= 0; i--)
            value = (value << 28) + Limb(ref point, coordinate, i)[lane];
        return value;
    }

    private static ref Vector256<long> Limb(ref Point384x4 point, int coordinate, int index) =>
        ref Unsafe.Add(ref Unsafe.As<Point384x4, Vector256<long>>(ref point), (coordinate * Field384x4.Limbs) + index);

    private static BigInteger Modulo(BigInteger value) => ((value % Prime) + Prime) % Prime;
}
