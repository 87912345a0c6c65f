using System.Numerics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using Veil.Crypto;
using SignedWindows = Veil.Crypto.SignedWindows<Veil.Crypto.P384Scalar>;

namespace Veil.Common.Tests.Crypto.Lanes;

/// <summary>Points in lanes against libcrypto's.</summary>
public static class LanePointsTests
{
    private static readonly BigInteger Order = RsaBackends.Number(Convert.FromHexString(
        "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"));

    /// <summary>Scalars whose windows are at their limits, or which meet the table's own points and their opposites.</summary>
    private static readonly BigInteger[] Edges =
    [
        1, 2, 3, 15, 16, 17, 31, 32, 33, 512, Order - 1, Order - 2, Order - 16, Order - 17, Order >> 1, (Order >> 1) + 1, BigInteger.Pow(2, 383),
        Windows(0x10), Windows(0x0F), Windows(0x11), Windows(0x01), Windows(0x1E), (BigInteger.One << 383) - 1, BigInteger.Pow(2, 384) - BigInteger.Pow(2, 200),
    ];

    [Fact]
    public static void Lanes_multiply_where_the_processor_has_them_and_libcrypto_elsewhere()
    {
        _ = VoprfSuites.Usable("P384-SHA384");
        Assert.IsType(Avx2.IsSupported ? typeof(LaneP384Group) : typeof(LibcryptoP384Group), P384Group.Instance);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(9)]
    public static void Products_are_those_of_libcrypto_for_a_scalar_each_and_for_one_scalar(int count)
    {
        (LaneP384Group lanes, LibcryptoP384Group libcrypto) = Both();
        byte[] encodings = Points(count);
        for (int first = 0; first < Edges.Length + count; first += count)
        {
            byte[] scalars = [.. Enumerable.Range(first, count).SelectMany(Scalar)];
            Assert.Equal(Multiply(libcrypto, encodings, scalars), Multiply(lanes, encodings, scalars));
            Assert.Equal(Multiply(libcrypto, encodings, scalars[..48]), Multiply(lanes, encodings, scalars[..48]));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(9)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(259)]
    public static void A_sum_of_products_is_that_of_libcrypto(int count)
    {
        (LaneP384Group lanes, LibcryptoP384Group libcrypto) = Both();
        byte[] encodings = Points(count);
        byte[] scalars = [.. Enumerable.Range(0, count).SelectMany(i => Scalar(i * 7))];
        Assert.Equal(Combine(libcrypto, scalars, encodings), Combine(lanes, scalars, encodings));
        scalars.AsSpan(0, 48).Clear();
        Assert.Equal(Combine(libcrypto, scalars, encodings), Combine(lanes, scalars, encodings));
    }

    [Fact]
    public static void A_point_and_its_opposite_cancel_in_one_lane_across_lanes_and_across_tables()
    {
        (LaneP384Group lanes, _) = Both();
        byte[] point = Points(1);
        foreach (int count in new[] { 2, 3, 5, 6, 129, 130 })
        {
            byte[] same = [.. Enumerable.Repeat(point, count).SelectMany(bytes => bytes)];
            byte[] opposite = [.. same[..^49], (byte)(point[0] ^ 1), .. point[1..]];
            byte[] ones = [.. Enumerable.Range(0, count - 1).SelectMany(_ => Octets(1))];
            Assert.Null(Combine(lanes, [.. ones, .. Octets(Order - count + 1)], same));
            Assert.Null(Combine(lanes, [.. ones, .. Octets(count - 1)], opposite));
            Assert.Null(Combine(lanes, new byte[48 * count], same));
            Assert.Equal(point, Combine(lanes, [.. ones, .. Octets(Order - count + 2)], same));
        }
    }

    [Fact]
    public static void Equal_points_add_up_like_doubled_ones()
    {
        (LaneP384Group lanes, LibcryptoP384Group libcrypto) = Both();
        byte[] point = Points(1);
        foreach (int count in new[] { 2, 4, 5, 8, 9, 132 })
        {
            byte[] same = [.. Enumerable.Repeat(point, count).SelectMany(bytes => bytes)];
            byte[] scalars = [.. Enumerable.Repeat(Scalar(100), count).SelectMany(bytes => bytes)];
            BigInteger total = RsaBackends.Number(Scalar(100)) * count % Order;
            Assert.Equal(Multiply(libcrypto, point, Octets(total)), Combine(lanes, scalars, same));
        }
    }

    [Fact]
    public static void A_product_or_sum_without_coordinates_is_refused()
    {
        (LaneP384Group lanes, _) = Both();
        Assert.Throws<CryptographicException>(() => Multiply(lanes, Points(5), new byte[48]));
        Assert.True(P384Map.Generator is { X: var x, Y: var y });
        Assert.Throws<CryptographicException>(() => LaneCalculation.Add([P384Map.Generator], [new(x, -y)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Combine(lanes, new byte[48], Points(2)));
    }

    [Fact]
    public static void Disposed_points_are_erased_and_of_no_more_use()
    {
        VoprfSuites.Lanes();
        P384Point[] values = [P384Map.Generator];
        var points = new LanePoints(values);
        points.Dispose();
        points.Dispose();
        Assert.Equal([default], values);
        Assert.Throws<ObjectDisposedException>(() => points.Count);
        Assert.Throws<ObjectDisposedException>(() => points.Multiply(Octets(1)));
        Assert.Throws<ObjectDisposedException>(() => points.Encode(new byte[49]));
    }

    [Fact]
    public static void Windows_are_in_range_and_add_up_to_their_scalar()
    {
        Span<sbyte> space = stackalloc sbyte[SignedWindows.Size];
        for (int first = 0; first < Edges.Length + 40; first += Field384x4.Lanes)
        {
            byte[] scalars = [.. Enumerable.Range(first, Field384x4.Lanes).SelectMany(Scalar)];
            using (SignedWindows windows = SignedWindows.Each(scalars, space))
            {
                for (int lane = 0; lane < Field384x4.Lanes; lane++)
                {
                    BigInteger sum = 0;
                    for (int i = SignedWindows.Count - 1; i >= 0; i--)
                    {
                        Assert.InRange(windows[i][lane], -15, 16);
                        sum = (sum << SignedWindows.Width) + windows[i][lane];
                    }

                    Assert.Equal(RsaBackends.Number(scalars[(lane * 48)..((lane + 1) * 48)]), sum);
                }
            }

            Assert.False(space.ContainsAnyExcept((sbyte)0));
        }
    }

    private static (LaneP384Group Lanes, LibcryptoP384Group Libcrypto) Both()
    {
        _ = VoprfSuites.Usable("P384-SHA384");
        return (VoprfSuites.Lanes(), LibcryptoP384Group.Instance!);
    }

    /// <summary>Points whose logarithm nobody knows.</summary>
    private static byte[] Points(int count)
    {
        var encodings = new byte[count * P384Point.CompressedSize];
        using GroupElements points = LibcryptoP384Group.Instance!.HashToGroup([.. Enumerable.Range(0, count).Select(i => new[] { (byte)(i & 0xFF), (byte)(i >> 8) })], "lanes"u8);
        points.Encode(encodings);
        return encodings;
    }

    private static byte[] Multiply(P384Group group, byte[] encodings, byte[] scalars)
    {
        var products = new byte[encodings.Length];
        using GroupElements points = group.TryDecode(encodings)!;
        using GroupElements found = points.Multiply(scalars);
        found.Encode(products);
        return products;
    }

    private static byte[]? Combine(P384Group group, byte[] weights, byte[] encodings)
    {
        using GroupElements points = group.TryDecode(encodings)!;
        using GroupElements? sum = group.Combine(weights, points);
        var encoding = new byte[P384Point.CompressedSize];
        sum?.Encode(encoding);
        return sum is null ? null : encoding;
    }

    /// <summary>The edges first, then scalars at random, the same in every run.</summary>
    private static byte[] Scalar(int index)
    {
        if (index < Edges.Length)
            return Octets(Edges[index]);
        var bytes = new byte[48];
        new Random(index).NextBytes(bytes);
        return Octets(RsaBackends.Number(bytes) % Order);
    }

    private static byte[] Octets(BigInteger scalar) => RsaBackends.Octets(scalar, 48);

    /// <summary>A scalar of 76 equal windows.</summary>
    private static BigInteger Windows(int window) => Enumerable.Range(0, 76).Aggregate(BigInteger.Zero, (sum, _) => (sum << SignedWindows.Width) + window);
}
