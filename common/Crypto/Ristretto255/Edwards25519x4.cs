using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lane = Veil.Crypto.Field25519x4;

namespace Veil.Crypto;

/// <summary>
/// Four points of edwards25519, one in each lane, as X : Y : Z : T with x = X/Z, y = Y/Z and xy = T/Z: representatives of elements of ristretto255 (RFC 9496). The formulas are those
/// of Hisil, Wong, Carter and Dawson (2008) for a = -1, which hold for all pairs of points without a branch.
/// </summary>
/// <remarks>They take and give widths of 1.01: see <see cref="Field25519x4"/>. The widths of what is multiplied in between stand behind it.</remarks>
internal struct Edwards25519x4
{
    private static readonly Lane D = Lane.Broadcast("a3785913ca4deb75abd841414d0a700098e879777940c78c73fe6f2bee6c0352");
    private static readonly Lane TwiceD = Lane.Broadcast("59f1b226949bd6eb56b183829a14e00030d1f3eef2808e19e7fcdf56dcd90624");

    /// <summary>1 / sqrt(a - d).</summary>
    private static readonly Lane InverseRoot = Lane.Broadcast("ea405d80aafdc899be72415a17162f9d40d801fe917bc216a2fcafcf05896c78");

    private Lane _x;
    private Lane _y;
    private Lane _z;
    private Lane _t;

    /// <summary>Four times the identity.</summary>
    public static Edwards25519x4 Identity { get; } = new() { _y = Lane.One, _z = Lane.One };

    /// <summary>Twice each point.</summary>
    public static void Double(ref Edwards25519x4 point)
    {
        Lane.Square(point._x, out Lane xx);
        Lane.Square(point._y, out Lane yy);
        Lane.Square(point._z, out Lane zz);
        Lane.Add(point._x, point._y, out Lane sum);
        Lane.Square(sum, out sum); // 2
        Lane.Add(yy, xx, out Lane h);
        Lane.Subtract(yy, xx, out Lane g);
        Lane.Subtract(sum, h, out Lane e); // 3

        // 2ZZ - (YY - XX), whose limbs are too large for a product until they are carried.
        Lane.Add(zz, zz, out Lane f);
        Lane.Subtract(f, g, out f);
        Lane.Carry(f, out f);
        Complete(e, h, g, f, ref point);
    }

    /// <summary>The sum of two points in each lane. The result may be the place of the left one.</summary>
    public static void Add(in Edwards25519x4 left, in CachedEdwards25519x4 right, ref Edwards25519x4 result)
    {
        Lane.Add(left._y, left._x, out Lane plus);
        Lane.Multiply(plus, right.Plus, out plus); // 2 2
        Lane.Subtract(left._y, left._x, out Lane minus);
        Lane.Multiply(minus, right.Minus, out minus); // 2 2
        Lane.Multiply(left._t, right.T2d, out Lane tt);
        Lane.Multiply(left._z, right.Z, out Lane zz);
        Lane.Add(zz, zz, out zz);
        Lane.Subtract(plus, minus, out Lane e);
        Lane.Add(plus, minus, out Lane h);
        Lane.Add(zz, tt, out Lane g); // 3
        Lane.Subtract(zz, tt, out Lane f); // 3
        Complete(e, h, g, f, ref result);
    }

    /// <summary>Puts the sum of the points of all lanes into each lane.</summary>
    public static void AddAcross(ref Edwards25519x4 point)
    {
        for (int step = 1; step < Lane.Lanes; step *= 2)
        {
            Unsafe.SkipInit(out Edwards25519x4 other);
            Lane.Permute(point._x, step, out other._x);
            Lane.Permute(point._y, step, out other._y);
            Lane.Permute(point._z, step, out other._z);
            Lane.Permute(point._t, step, out other._t);
            other.Cache(out CachedEdwards25519x4 cached);
            Add(point, cached, ref point);
        }
    }

    /// <summary>The points in the form in which they are added.</summary>
    public readonly void Cache(out CachedEdwards25519x4 cached)
    {
        Lane.Add(_y, _x, out cached.Plus);
        Lane.Subtract(_y, _x, out cached.Minus);
        cached.Z = _z;
        Lane.Multiply(_t, TwiceD, out cached.T2d);
    }

    /// <summary>Decodes four elements (RFC 9496 section 4.3.1) but for the look at the bytes: that s is below p and even.</summary>
    /// <param name="bytes">Four encodings.</param>
    /// <param name="points">The points; nothing where the mask is clear.</param>
    /// <returns>The lanes that hold an element.</returns>
    public static Vector256<long> Decode(ReadOnlySpan<byte> bytes, out Edwards25519x4 points)
    {
        Lane.Load(bytes, out Lane s);
        Lane.Square(s, out Lane ss);
        Lane.Subtract(Lane.One, ss, out Lane u1);
        Lane.Add(Lane.One, ss, out Lane u2);
        Lane.Square(u2, out Lane u2u2);

        // v = -d u1^2 - u2^2.
        Lane.Square(u1, out Lane v);
        Lane.Multiply(v, D, out v);
        Lane.Add(v, u2u2, out v);
        Lane.Negate(v, Vector256<long>.AllBitsSet, out v);
        Lane.Multiply(v, u2u2, out Lane ratio);
        Vector256<long> isSquare = InvertRoot(ratio, out Lane root);
        Lane.Multiply(root, u2, out Lane denominatorX);
        Lane.Multiply(root, denominatorX, out Lane denominatorY);
        Lane.Multiply(denominatorY, v, out denominatorY);
        Lane.Add(s, s, out points._x);
        Lane.Multiply(points._x, denominatorX, out points._x);
        Lane.Negate(points._x, Lane.IsNegative(points._x), out points._x);
        Lane.Multiply(u1, denominatorY, out points._y);
        Lane.Multiply(points._x, points._y, out points._t);
        points._z = Lane.One;
        return isSquare & ~Lane.IsNegative(points._t) & ~Lane.IsZero(points._y);
    }

    /// <summary>Encodes four elements (RFC 9496 section 4.3.2).</summary>
    public readonly void Encode(Span<byte> bytes)
    {
        Lane.Add(_z, _y, out Lane u1);
        Lane.Subtract(_z, _y, out Lane difference);
        Lane.Multiply(u1, difference, out u1); // 2 2
        Lane.Multiply(_x, _y, out Lane u2);
        Lane.Square(u2, out Lane ratio);
        Lane.Multiply(ratio, u1, out ratio);

        // 0 for the identity, whose encoding is zeros.
        _ = InvertRoot(ratio, out Lane root);
        Lane.Multiply(root, u1, out Lane denominator1);
        Lane.Multiply(root, u2, out Lane denominator2);
        Lane.Multiply(denominator1, denominator2, out Lane inverse);
        Lane.Multiply(inverse, _t, out inverse);
        Lane.Multiply(_t, inverse, out Lane turn);
        Vector256<long> rotate = Lane.IsNegative(turn);
        Lane.Multiply(_x, Lane.RootOfMinusOne, out Lane rotatedX);
        Lane.Multiply(_y, Lane.RootOfMinusOne, out Lane rotatedY);
        Lane.Multiply(denominator1, InverseRoot, out Lane enchanted);
        Lane.Select(rotate, rotatedY, _x, out Lane x);
        Lane.Select(rotate, rotatedX, _y, out Lane y);
        Lane.Select(rotate, enchanted, denominator2, out Lane denominator);
        Lane.Multiply(x, inverse, out turn);
        Lane.Negate(y, Lane.IsNegative(turn), out y);
        Lane.Subtract(_z, y, out Lane s);
        Lane.Multiply(denominator, s, out s);
        Lane.Negate(s, Lane.IsNegative(s), out s);
        s.Store(bytes);
    }

    /// <summary>The even 1 / sqrt(number) in the lanes of the result, and 0 for 0 (SQRT_RATIO_M1 of RFC 9496 section 4.2 for a numerator of 1).</summary>
    private static Vector256<long> InvertRoot(in Lane number, out Lane root)
    {
        // v^3 (v^7)^((p - 5) / 8).
        Lane.Square(number, out Lane power);
        Lane.Multiply(power, number, out Lane cube);
        Lane.Square(cube, out power);
        Lane.Multiply(power, number, out power);
        Lane.RaiseForRoot(power, out power);
        Lane.Multiply(cube, power, out root);

        // The check is v r^2: 1, -1 or -sqrt(-1) lead to a root of 1/v or of sqrt(-1)/v.
        Lane.Square(root, out Lane check);
        Lane.Multiply(check, number, out check);
        Lane.Subtract(check, Lane.One, out Lane difference);
        Vector256<long> isRight = Lane.IsZero(difference);
        Lane.Add(check, Lane.One, out difference);
        Vector256<long> isFlipped = Lane.IsZero(difference);
        Lane.Add(check, Lane.RootOfMinusOne, out difference);
        Vector256<long> isFlippedTwice = Lane.IsZero(difference);
        Lane.Multiply(root, Lane.RootOfMinusOne, out Lane other);
        Lane.Select(isFlipped | isFlippedTwice, other, root, out root);
        Lane.Negate(root, Lane.IsNegative(root), out root);
        return isRight | isFlipped;
    }

    /// <summary>EF : GH : FG : EH, with e and h of widths up to 3.3 and so on.</summary>
    private static void Complete(in Lane e, in Lane h, in Lane g, in Lane f, ref Edwards25519x4 result)
    {
        Lane.Multiply(e, f, out result._x);
        Lane.Multiply(g, h, out result._y);
        Lane.Multiply(f, g, out result._z);
        Lane.Multiply(e, h, out result._t);
    }
}
