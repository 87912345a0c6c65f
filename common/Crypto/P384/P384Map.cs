using System.Security.Cryptography;
using Field = Veil.Crypto.Residue384<Veil.Crypto.P384Prime>;

namespace Veil.Crypto;

/// <summary>What leads from field elements to points of P-384: y^2 = x^3 - 3x + b.</summary>
internal static partial class P384Map
{
    private static readonly Field A = -Field.From(3);

    /// <summary>Z of P384_XMD:SHA-384_SSWU_RO_ (RFC 9380 section 8.3).</summary>
    private static readonly Field Z = -Field.From(12);

    /// <summary>(p - 3) / 4: p is 3 modulo 4, so that this power leads to square roots.</summary>
    private static readonly byte[] RootExponent =
        Convert.FromHexString("3fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffbfffffffc0000000000000003fffffff");

    /// <summary>sqrt(-Z).</summary>
    private static readonly Field RootOfMinusZ = Field.From(12).Power(RootExponent) * Field.From(12);

    /// <summary>The curve's b.</summary>
    public static Field B { get; } = Read("b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef");

    /// <summary>The generator.</summary>
    public static P384Point Generator { get; } = new(
        Read("aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7"),
        Read("3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f"));

    /// <summary>Reads compressed encodings; false unless each is the one canonical encoding of a point of the curve.</summary>
    /// <param name="compressed">Untrusted, 49 bytes each: <c>02</c> or <c>03</c>, then x below p (SEC 1 section 2.3.4).</param>
    /// <param name="points">As many points.</param>
    /// <param name="raise">What calculates powers.</param>
    public static bool TryDecompress(ReadOnlySpan<byte> compressed, Span<P384Point> points, FieldPowers raise)
    {
        var squares = new Field[points.Length];
        for (int i = 0; i < points.Length; i++)
        {
            ReadOnlySpan<byte> encoding = compressed.Slice(i * P384Point.CompressedSize, P384Point.CompressedSize);
            if (encoding[0] is not (2 or 3) || !Field.TryRead(encoding[1..], out Field x))
                return false;

            squares[i] = (((x * x) + A) * x) + B;
            points[i] = new(x, default);
        }

        // The power of a square leads to a root of it, and that of another number to some number.
        Field[] powers = [.. squares];
        raise(powers, RootExponent);
        for (int i = 0; i < points.Length; i++)
        {
            Field y = powers[i] * squares[i];
            if (Field.Same(y * y, squares[i]) == 0)
                return false;

            points[i] = points[i] with { Y = Field.Select((y.Parity ^ compressed[i * P384Point.CompressedSize]) & 1, -y, y) };
        }

        return true;
    }

    /// <summary>map_to_curve of each element of the field.</summary>
    /// <param name="elements">Their time is the same for all values.</param>
    /// <param name="points">As many points.</param>
    /// <param name="raise">What calculates powers.</param>
    public static void Map(ReadOnlySpan<Field> elements, Span<P384Point> points, FieldPowers raise)
    {
        var fractions = new MapFraction[elements.Length];
        var powers = new Field[elements.Length];
        for (int i = 0; i < fractions.Length; i++)
        {
            fractions[i] = new(elements[i]);
            powers[i] = fractions[i].RootBase;
        }

        raise(powers, RootExponent);
        var denominators = new Field[elements.Length];
        for (int i = 0; i < fractions.Length; i++)
            denominators[i] = fractions[i].Denominator;
        raise(denominators, P384Prime.MinusTwo);
        for (int i = 0; i < fractions.Length; i++)
            points[i] = fractions[i].ToPoint(powers[i], denominators[i]);

        Array.Clear(fractions);
        Array.Clear(powers);
        Array.Clear(denominators);
    }

    private static Field Read(string hex) =>
        Field.TryRead(Convert.FromHexString(hex), out Field value) ? value : throw new CryptographicException("A constant of the curve is not below its prime.");
}
