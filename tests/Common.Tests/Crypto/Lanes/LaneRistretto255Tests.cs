using System.Numerics;
using System.Security.Cryptography;
using Veil.Crypto;

namespace Veil.Common.Tests.Crypto.Lanes;

/// <summary>Elements of ristretto255 in lanes against libsodium's.</summary>
public static class LaneRistretto255Tests
{
    private const int Size = Ristretto255Group.Size;
    private static readonly BigInteger Order = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493", System.Globalization.CultureInfo.InvariantCulture);

    private static LaneRistretto255Group Lanes => VoprfSuites.RistrettoLanes();

    private static LibsodiumRistretto255Group Libsodium
    {
        get
        {
            Assert.SkipUnless(LibsodiumRistretto255Group.Instance is not null, "libsodium is not here.");
            return LibsodiumRistretto255Group.Instance!;
        }
    }

    [Fact]
    public static void Products_are_libsodiums_for_every_count_and_every_kind_of_scalar()
    {
        byte[][] special =
        [
            Scalar(1), Scalar(2), Scalar(16), Scalar(17), Scalar(31), Scalar(32), Scalar(Order - 1), Scalar(Order - 2), Scalar(Order / 2), Scalar(BigInteger.Pow(2, 252)),
            Scalar(Windows(16)), Scalar(Windows(15)), Scalar(Windows(17)), Scalar(Windows(31)), Scalar(Windows(1)),
        ];
        for (int count = 1; count <= 9; count++)
        {
            byte[] encodings = Elements(count);
            using GroupElements lanes = Lanes.TryDecode(encodings)!;
            using GroupElements expected = Libsodium.TryDecode(encodings)!;
            Assert.Equal(count, lanes.Count);
            Assert.Equal(encodings, Encode(lanes));

            byte[] each = [.. Enumerable.Range(0, count).SelectMany(i => i % 2 == 0 ? special[(i + count) % special.Length] : Random())];
            Assert.Equal(Encode(expected.Multiply(each)), Encode(lanes.Multiply(each)));
            foreach (byte[] scalar in special.Append(Random()))
                Assert.Equal(Encode(expected.Multiply(scalar)), Encode(lanes.Multiply(scalar)));
        }
    }

    [Fact]
    public static void Products_of_products_stay_right_whatever_stands_for_an_element()
    {
        byte[] encodings = Elements(6);
        GroupElements lanes = Lanes.TryDecode(encodings)!;
        GroupElements expected = Libsodium.TryDecode(encodings)!;
        for (int i = 0; i < 20; i++)
        {
            byte[] scalars = [.. Enumerable.Range(0, 6).SelectMany(_ => Random())];
            (lanes, expected) = (lanes.Multiply(scalars), expected.Multiply(scalars));
            Assert.Equal(Encode(expected), Encode(lanes));
        }
    }

    [Fact]
    public static void What_is_an_element_is_what_libsodium_says_and_the_identity_is_none()
    {
        var random = new Random(9);
        byte[] valid = Elements(8);
        var candidates = new List<byte[]> { new byte[Size], Enumerable.Repeat((byte)0xFF, Size).ToArray(), Scalar(1), Scalar(2), Scalar((BigInteger.Pow(2, 255) - 19) % BigInteger.Pow(2, 256)), Scalar(BigInteger.Pow(2, 255) - 18) };
        for (int i = 0; i < 400; i++)
        {
            byte[] any = new byte[Size];
            random.NextBytes(any);
            any[31] &= 0x7F;
            candidates.Add(any);
            candidates.Add([.. any[..1].Select(low => (byte)(low & 0xFE)), .. any[1..]]);
            byte[] changed = valid.AsSpan(i % 8 * Size, Size).ToArray();
            changed[random.Next(Size)] ^= (byte)(1 << random.Next(8));
            candidates.Add(changed);
        }

        // s + p is the same number in another spelling, where it has 255 bits; and the unused bit makes another encoding.
        foreach (byte[] encoding in valid.Chunk(Size))
        {
            BigInteger more = new BigInteger(encoding, isUnsigned: true) + BigInteger.Pow(2, 255) - 19;
            if (more < BigInteger.Pow(2, 256))
                candidates.Add(Scalar(more));
            candidates.Add([.. encoding[..31], (byte)(encoding[31] | 0x80)]);
        }

        int accepted = 0;
        foreach (byte[] candidate in candidates)
        {
            using GroupElements? lanes = Lanes.TryDecode(candidate);
            using GroupElements? expected = Libsodium.TryDecode(candidate);
            Assert.True(lanes is null == expected is null, Convert.ToHexString(candidate));
            accepted += lanes is null ? 0 : 1;

            // One bad encoding among good ones refuses all, wherever it stands.
            using GroupElements? among = Lanes.TryDecode([.. valid, .. candidate]);
            Assert.True(among is null == expected is null);
            using GroupElements? first = Lanes.TryDecode([.. candidate, .. valid]);
            Assert.True(first is null == expected is null);
        }

        Assert.True(accepted > 50, $"{accepted} of the candidates are elements");
        Assert.Null(Lanes.TryDecode([]));
        Assert.Null(Lanes.TryDecode(valid.AsSpan(1)));
    }

    [Fact]
    public static void Sums_of_products_are_libsodiums_and_null_for_the_identity()
    {
        foreach (int count in new[] { 1, 2, 3, 4, 5, 8, 9, 130, 300 })
        {
            byte[] encodings = Elements(count);
            using GroupElements lanes = Lanes.TryDecode(encodings)!;
            using GroupElements expected = Libsodium.TryDecode(encodings)!;
            byte[] weights = [.. Enumerable.Range(0, 2 * count).SelectMany(i => i % 5 == 3 ? new byte[Size] : Random())];
            Assert.Equal(Encode(Libsodium.Combine(weights, expected, expected)!), Encode(Lanes.Combine(weights, lanes, lanes)!));

            // k * E - k * E, and nothing at all.
            byte[] each = [.. Enumerable.Range(0, count).SelectMany(_ => Random())];
            byte[] minus = [.. each.Chunk(Size).SelectMany(scalar => Scalar(Order - new BigInteger(scalar, isUnsigned: true)))];
            Assert.Null(Lanes.Combine([.. each, .. minus], lanes, lanes));
            Assert.Null(Lanes.Combine(new byte[count * Size], lanes));
        }
    }

    [Fact]
    public static void Hashing_leads_to_the_same_elements_and_a_list_that_is_gone_is_not_used()
    {
        byte[][] inputs = [.. Enumerable.Range(0, 7).Select(i => new byte[] { (byte)i })];
        GroupElements lanes = Lanes.HashToGroup(inputs, "tag"u8);
        Assert.Equal(Encode(Libsodium.HashToGroup(inputs, "tag"u8)), Encode(lanes));
        lanes.Dispose();
        Assert.Throws<ObjectDisposedException>(() => lanes.Multiply(Scalar(1)));
    }

    private static byte[] Elements(int count) => Encode(Libsodium.HashToGroup([.. Enumerable.Range(0, count).Select(_ => RandomNumberGenerator.GetBytes(16))], "elements of a test"u8));

    private static byte[] Encode(GroupElements elements)
    {
        byte[] encodings = new byte[elements.Count * Size];
        elements.Encode(encodings);
        return encodings;
    }

    private static byte[] Random()
    {
        byte[] scalar = new byte[Size];
        Libsodium.RandomScalar(scalar);
        return scalar;
    }

    private static byte[] Scalar(BigInteger value)
    {
        byte[] scalar = new byte[Size];
        Assert.True(value.TryWriteBytes(scalar, out _, isUnsigned: true));
        return scalar;
    }

    /// <summary>The same window all through, below the order.</summary>
    private static BigInteger Windows(int window) => Enumerable.Range(0, 50).Aggregate(BigInteger.Zero, (sum, _) => (sum << 5) + window);
}
