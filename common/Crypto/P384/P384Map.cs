using System.Security.Cryptography;
using Field = Veil.Crypto.Residue384<Veil.Crypto.P384Prime>;

namespace Veil.Crypto;

/// <summary>What leads from field elements to points of P-384: y^2 = x^3 - 3x + b.</summary>
internal static class P384Map
{
    private static readonly Field A = -Field.From(3);

    /// <summary>Z of P384_XMD:SHA-384_SSWU_RO_ (RFC 9380 section 8.3).</summary>
    private static readonly Field Z = -Field.From(12);

    /// <summary>(p - 3) / 4: p is 3 modulo 4, so that this power leads to square roots.</summary>
    private static readonly byte[] RootExponent =
        Convert.FromHexString("3fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffbfffffffc0000000000000003fffffff");

    /// <summary>sqrt(-Z).</summary>
    private static readonly Field RootOfMinusZ = SquareRoot(Field.From(12));

    /// <summary>The curve's b.</summary>
    public static Field B { get; } = Read("b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef");

    /// <summary>The generator.</summary>
    public static P384Point Generator { get; } = new(
        Read("aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7"),
        Read("3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f"));

    /// <summary>Reads a compressed encoding; false unless it is the one canonical encoding of a point of the curve.</summary>
    /// <param name="compressed">Untrusted, 49 bytes: <c>02</c> or <c>03</c>, then x below p (SEC 1 section 2.3.4).</param>
    /// <param name="point">The point.</param>
    public static bool TryDecompress(ReadOnlySpan<byte> compressed, out P384Point point)
    {
        point = default;
        if (compressed.Length != P384Point.CompressedSize || compressed[0] is not (2 or 3) || !Field.TryRead(compressed[1..], out Field x))
            return false;

        Field square = (((x * x) + A) * x) + B;
        Field y = SquareRoot(square);
        if (Field.Same(y * y, square) == 0)
            return false;

        point = new(x, Field.Select((y.Parity ^ compressed[0]) & 1, -y, y));
        return true;
    }

    /// <summary>hash_to_curve but for its last addition (RFC 9380 section 3): the two points whose sum is the result.</summary>
    /// <param name="uniform">expand_message's output, 144 bytes.</param>
    public static (P384Point First, P384Point Second) MapPair(ReadOnlySpan<byte> uniform)
    {
        Field u0 = Field.ReduceWide(uniform[..Field.WideSize]);
        Field u1 = Field.ReduceWide(uniform[Field.WideSize..]);
        Map(u0, out Field numerator0, out Field denominator0, out Field y0);
        Map(u1, out Field numerator1, out Field denominator1, out Field y1);

        // Step 25 of the map divides: one inversion serves both.
        Field inverse = (denominator0 * denominator1).Invert();
        return (new(numerator0 * inverse * denominator1, y0), new(numerator1 * inverse * denominator0, y1));
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

    private static Field Read(string hex) =>
        Field.TryRead(Convert.FromHexString(hex), out Field value) ? value : throw new CryptographicException("A constant of the curve is not below its prime.");
}
