using System.Security.Cryptography;
using Field = Veil.Crypto.Residue384<Veil.Crypto.P384Prime>;

namespace Veil.Crypto;

/// <summary>What leads from field elements to points of P-384: y^2 = x^3 - 3x + b. Points are written uncompressed (SEC 1 section 2.3.3): <c>04 | x(48) | y(48)</c>.</summary>
internal static class P384Map
{
    /// <summary>Bytes of a compressed point.</summary>
    public const int CompressedSize = 1 + Field.Size;

    /// <summary>Bytes of an uncompressed point.</summary>
    public const int UncompressedSize = 1 + (2 * Field.Size);

    private static readonly Field A = -Field.From(3);
    private static readonly Field B = Read("b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef");

    /// <summary>Z of P384_XMD:SHA-384_SSWU_RO_ (RFC 9380 section 8.3).</summary>
    private static readonly Field Z = -Field.From(12);

    /// <summary>(p - 3) / 4: p is 3 modulo 4, so that this power leads to square roots.</summary>
    private static readonly byte[] RootExponent =
        Convert.FromHexString("3fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffbfffffffc0000000000000003fffffff");

    /// <summary>sqrt(-Z).</summary>
    private static readonly Field RootOfMinusZ = SquareRoot(Field.From(12));

    /// <summary>Writes the point of a compressed encoding; false unless it is the one canonical encoding of a point of the curve.</summary>
    /// <param name="compressed">Untrusted, 49 bytes: <c>02</c> or <c>03</c>, then x below p.</param>
    /// <param name="uncompressed">97 bytes.</param>
    public static bool TryDecompress(ReadOnlySpan<byte> compressed, Span<byte> uncompressed)
    {
        if (compressed.Length != CompressedSize || compressed[0] is not (2 or 3) || !Field.TryRead(compressed[1..], out Field x))
            return false;

        Field square = (((x * x) + A) * x) + B;
        Field y = SquareRoot(square);
        if (Field.Same(y * y, square) == 0)
            return false;

        Write(x, Field.Select((y.Parity ^ compressed[0]) & 1, -y, y), uncompressed);
        return true;
    }

    /// <summary>hash_to_curve but for its last addition (RFC 9380 section 3): the two points whose sum is the result.</summary>
    /// <param name="uniform">expand_message's output, 144 bytes.</param>
    /// <param name="first">97 bytes.</param>
    /// <param name="second">97 bytes.</param>
    public static void MapPair(ReadOnlySpan<byte> uniform, Span<byte> first, Span<byte> second)
    {
        Field u0 = Field.ReduceWide(uniform[..Field.WideSize]);
        Field u1 = Field.ReduceWide(uniform[Field.WideSize..]);
        Map(u0, out Field numerator0, out Field denominator0, out Field y0);
        Map(u1, out Field numerator1, out Field denominator1, out Field y1);

        // Step 25 of the map divides: one inversion serves both.
        Field inverse = (denominator0 * denominator1).Invert();
        Write(numerator0 * inverse * denominator1, y0, first);
        Write(numerator1 * inverse * denominator0, y1, second);
    }

    /// <summary>map_to_curve_simple_swu without a branch (RFC 9380 appendix F.2); x is a fraction.</summary>
    private static void Map(in Field u, out Field numerator, out Field denominator, out Field y)
    {
        // 1 to 8.
        Field tv1 = Z * (u * u);
        Field tv2 = (tv1 * tv1) + tv1;
        Field tv3 = B * (tv2 + Field.One);
        Field tv4 = A * Field.Select(Field.Same(tv2, default), Z, -tv2);

        // 9 to 16: the curve's equation as a fraction tv2 / tv6.
        Field square4 = tv4 * tv4;
        tv2 = ((tv3 * tv3) + (A * square4)) * tv3;
        Field tv6 = square4 * tv4;
        tv2 += B * tv6;

        // 17 to 24.
        ulong isSquare = RootOfRatio(tv2, tv6, out Field root);
        numerator = Field.Select(isSquare, tv3, tv1 * tv3);
        denominator = tv4;
        y = Field.Select(isSquare, root, tv1 * u * root);
        y = Field.Select(u.Parity ^ y.Parity, -y, y);
    }

    /// <summary>sqrt_ratio for p = 3 modulo 4 (RFC 9380 appendix F.2.1.2): 1 and sqrt(u/v), or 0 and sqrt(Z * u/v).</summary>
    private static ulong RootOfRatio(in Field u, in Field v, out Field root)
    {
        Field uv = u * v;
        Field y1 = (v * v * uv).Power(RootExponent) * uv;
        ulong isSquare = Field.Same(y1 * y1 * v, u);
        root = Field.Select(isSquare, y1, y1 * RootOfMinusZ);
        return isSquare;
    }

    /// <summary>A root of a square; some other number for what is no square.</summary>
    private static Field SquareRoot(in Field square) => square.Power(RootExponent) * square;

    private static void Write(in Field x, in Field y, Span<byte> uncompressed)
    {
        uncompressed[0] = 4;
        x.Write(uncompressed[1..]);
        y.Write(uncompressed[CompressedSize..]);
    }

    private static Field Read(string hex) =>
        Field.TryRead(Convert.FromHexString(hex), out Field value) ? value : throw new CryptographicException("A constant of the curve is not below its prime.");
}
