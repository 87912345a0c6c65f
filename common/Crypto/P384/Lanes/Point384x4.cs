using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Field = Veil.Crypto.Residue384<Veil.Crypto.P384Prime>;
using Lane = Veil.Crypto.Field384x4;
using SignedWindows = Veil.Crypto.SignedWindows<Veil.Crypto.P384Scalar>;

namespace Veil.Crypto;

/// <summary>
/// Four points of P-384, one in each lane, as X : Y : Z with x = X/Z and y = Y/Z; 0 : 1 : 0 is the point at infinity. The formulas are the complete ones of
/// Renes, Costello and Batina (2016) for a = -3: they hold for all pairs of points, equal, opposite or infinite, without a branch.
/// </summary>
/// <remarks>
/// They take and give a width of 1 in X and of 2 in Y and Z, and a size of 3 at most: see <see cref="Field384x4"/>. Where a width would grow beyond what a
/// product takes, it is carried; the widths of the factors stand behind each product. The largest sizes that meet are 11 and 11, in Y3.
/// </remarks>
internal struct Point384x4
{
    private static readonly Lane B = Lane.Broadcast(P384Map.B);
    private static readonly Lane One = Lane.Broadcast(Field.One);
    private static readonly Point384x4 Infinite = new() { _y = One };

    private Lane _x;
    private Lane _y;
    private Lane _z;

    /// <summary>Four points at infinity.</summary>
    public static Point384x4 Infinity => Infinite;

    /// <summary>Takes in one to four points; lanes without a point repeat the last.</summary>
    public static void Load(ReadOnlySpan<P384Point> points, out Point384x4 result)
    {
        Span<Field> coordinates = stackalloc Field[2 * points.Length];
        for (int i = 0; i < points.Length; i++)
            (coordinates[i], coordinates[points.Length + i]) = points[i];
        Lane.Load(coordinates[..points.Length], out result._x);
        Lane.Load(coordinates[points.Length..], out result._y);
        result._z = One;
    }

    /// <summary>The coordinates of the first lanes, as many as the spans have places.</summary>
    public readonly void Store(Span<Field> x, Span<Field> y, Span<Field> z)
    {
        _x.Store(x);
        _y.Store(y);
        _z.Store(z);
    }

    /// <summary>Twice each point (algorithm 6). The result may be the place of the point.</summary>
    [SkipLocalsInit]
    public static void Double(in Point384x4 point, ref Point384x4 result)
    {
        Lane.Multiply(point._x, point._x, out Lane xx); // 1 1
        Lane.Multiply(point._y, point._y, out Lane yy); // 2 2
        Lane.Multiply(point._z, point._z, out Lane zz); // 2 2
        Lane.Multiply(point._x, point._y, out Lane xy); // 1 2
        Lane.Multiply(point._x, point._z, out Lane xz); // 1 2
        Lane.Multiply(point._y, point._z, out Lane yz); // 2 2
        Lane.Add(xy, xy, out xy);
        Lane.Add(xz, xz, out xz);
        Lane.Add(yz, yz, out yz);

        // u = 3 (b Z^2 - 2XZ), with which X3 and Y3 begin as Y^2 - u and Y^2 + u.
        Lane.Multiply(B, zz, out Lane u); // 1 1
        Lane.Subtract(u, xz, out u);
        Lane.Triple(u, out u);
        Lane.Carry(u, out u);
        Lane.Subtract(yy, u, out Lane minus);
        Lane.Add(yy, u, out Lane plus);

        // v = 3 (2b XZ - 3 Z^2 - X^2), w = 3 (X^2 - Z^2).
        Lane.Multiply(B, xz, out Lane v); // 1 2
        Lane.Triple(zz, out zz);
        Lane.Subtract(v, zz, out v);
        Lane.Subtract(v, xx, out v);
        Lane.Triple(v, out v);
        Lane.Carry(v, out v);
        Lane.Triple(xx, out Lane w);
        Lane.Subtract(w, zz, out w);

        // Y3 = (Y^2 - u)(Y^2 + u) + w v; X3 = 2XY (Y^2 - u) - 2YZ v; Z3 = 8YZ Y^2.
        Lane.Multiply(minus, plus, out plus); // 1 2
        Lane.Multiply(w, v, out w); // 3 1
        Lane.Add(plus, w, out result._y);
        Lane.Multiply(minus, xy, out xy); // 1 2
        Lane.Multiply(yz, v, out v); // 2 1
        Lane.Subtract(xy, v, out result._x);
        Lane.Add(yz, yz, out yz);
        Lane.Add(yy, yy, out yy);
        Lane.Multiply(yz, yy, out result._z); // 4 2
    }

    /// <summary>The sum of two points in each lane (algorithm 4). The result may be the place of either.</summary>
    /// <param name="left">With the widths that the formulas give.</param>
    /// <param name="right">With widths of 1: loaded, or carried.</param>
    /// <param name="result">Receives the sums.</param>
    [SkipLocalsInit]
    public static void Add(in Point384x4 left, in Point384x4 right, ref Point384x4 result)
    {
        Lane.Multiply(left._x, right._x, out Lane xx); // 1 1
        Lane.Multiply(left._y, right._y, out Lane yy); // 2 1
        Lane.Multiply(left._z, right._z, out Lane zz); // 2 1
        Cross(left._x, left._y, right._x, right._y, xx, yy, out Lane xy); // 3 2
        Cross(left._y, left._z, right._y, right._z, yy, zz, out Lane yz); // 4 2
        Cross(left._x, left._z, right._x, right._z, xx, zz, out Lane xz); // 3 2

        // u = 3 (XZ - b ZZ), with which the sums begin as YY + u and YY - u.
        Lane.Multiply(B, zz, out Lane u); // 1 1
        Lane.Subtract(xz, u, out u);
        Lane.Triple(u, out u);
        Lane.Carry(u, out u);
        Lane.Subtract(yy, u, out Lane minus);
        Lane.Add(yy, u, out Lane plus);

        // v = 3 (b XZ - 3 ZZ - XX), w = 3 (XX - ZZ).
        Lane.Multiply(B, xz, out Lane v); // 1 3
        Lane.Triple(zz, out zz);
        Lane.Subtract(v, zz, out v);
        Lane.Subtract(v, xx, out v);
        Lane.Triple(v, out v);
        Lane.Carry(v, out v);
        Lane.Triple(xx, out Lane w);
        Lane.Subtract(w, zz, out w);

        // Y3 = (YY + u)(YY - u) + w v; X3 = XY (YY + u) - YZ v; Z3 = YZ (YY - u) + XY w.
        Lane.Multiply(plus, minus, out Lane first); // 2 1
        Lane.Multiply(w, v, out Lane second); // 3 1
        Lane.Add(first, second, out result._y);
        Lane.Multiply(xy, plus, out first); // 3 2
        Lane.Multiply(yz, v, out second); // 3 1
        Lane.Subtract(first, second, out result._x);
        Lane.Multiply(yz, minus, out first); // 3 1
        Lane.Multiply(xy, w, out second); // 3 3
        Lane.Add(first, second, out result._z);
    }

    /// <summary>The same points with widths of 1.</summary>
    public static void Carry(ref Point384x4 point)
    {
        Lane.Carry(point._x, out point._x);
        Lane.Carry(point._y, out point._y);
        Lane.Carry(point._z, out point._z);
    }

    /// <summary>Puts the sum of the points of all lanes into each lane.</summary>
    public static void AddAcross(ref Point384x4 point)
    {
        for (int step = 1; step < Lane.Lanes; step *= 2)
        {
            Unsafe.SkipInit(out Point384x4 other);
            Lane.Permute(point._x, step, out other._x);
            Lane.Permute(point._y, step, out other._y);
            Lane.Permute(point._z, step, out other._z);
            Carry(ref other);
            Add(point, other, ref point);
        }
    }

    /// <summary>Each lane's entry of a table, or infinity for 0, negated below 0. Reads the whole table whatever the digits are.</summary>
    /// <param name="multiples">1 to 16 times a point, with widths of 1.</param>
    /// <param name="digits">From -16 to 16.</param>
    /// <param name="result">With widths of 1.</param>
    [SkipLocalsInit]
    public static void Select(ReadOnlySpan<Point384x4> multiples, Vector256<long> digits, out Point384x4 result)
    {
        const int size = 3 * Lane.Limbs;
        Vector256<long> sign = Vector256.LessThan(digits, Vector256<long>.Zero);
        Vector256<long> magnitude = (digits ^ sign) - sign;
        Vector256<long> infinite = Vector256.Equals(magnitude, Vector256<long>.Zero);
        Vector256<long> is1 = Vector256.Equals(magnitude, Vector256.Create(1L));
        Vector256<long> is2 = Vector256.Equals(magnitude, Vector256.Create(2L));
        Vector256<long> is3 = Vector256.Equals(magnitude, Vector256.Create(3L));
        Vector256<long> is4 = Vector256.Equals(magnitude, Vector256.Create(4L));
        Vector256<long> is5 = Vector256.Equals(magnitude, Vector256.Create(5L));
        Vector256<long> is6 = Vector256.Equals(magnitude, Vector256.Create(6L));
        Vector256<long> is7 = Vector256.Equals(magnitude, Vector256.Create(7L));
        Vector256<long> is8 = Vector256.Equals(magnitude, Vector256.Create(8L));
        Vector256<long> is9 = Vector256.Equals(magnitude, Vector256.Create(9L));
        Vector256<long> is10 = Vector256.Equals(magnitude, Vector256.Create(10L));
        Vector256<long> is11 = Vector256.Equals(magnitude, Vector256.Create(11L));
        Vector256<long> is12 = Vector256.Equals(magnitude, Vector256.Create(12L));
        Vector256<long> is13 = Vector256.Equals(magnitude, Vector256.Create(13L));
        Vector256<long> is14 = Vector256.Equals(magnitude, Vector256.Create(14L));
        Vector256<long> is15 = Vector256.Equals(magnitude, Vector256.Create(15L));
        Vector256<long> is16 = Vector256.Equals(magnitude, Vector256.Create(16L));

        Unsafe.SkipInit(out result);
        ref Vector256<long> limb = ref First(in result);
        ref Vector256<long> zero = ref First(in Infinite);
        ref Vector256<long> entry = ref First(in multiples[..SignedWindows.Largest][0]);
        for (int i = 0; i < size; i++)
        {
            limb = (zero & infinite)
                | (entry & is1)
                | (Unsafe.Add(ref entry, size) & is2)
                | (Unsafe.Add(ref entry, 2 * size) & is3)
                | (Unsafe.Add(ref entry, 3 * size) & is4)
                | (Unsafe.Add(ref entry, 4 * size) & is5)
                | (Unsafe.Add(ref entry, 5 * size) & is6)
                | (Unsafe.Add(ref entry, 6 * size) & is7)
                | (Unsafe.Add(ref entry, 7 * size) & is8)
                | (Unsafe.Add(ref entry, 8 * size) & is9)
                | (Unsafe.Add(ref entry, 9 * size) & is10)
                | (Unsafe.Add(ref entry, 10 * size) & is11)
                | (Unsafe.Add(ref entry, 11 * size) & is12)
                | (Unsafe.Add(ref entry, 12 * size) & is13)
                | (Unsafe.Add(ref entry, 13 * size) & is14)
                | (Unsafe.Add(ref entry, 14 * size) & is15)
                | (Unsafe.Add(ref entry, 15 * size) & is16);
            limb = ref Unsafe.Add(ref limb, 1);
            zero = ref Unsafe.Add(ref zero, 1);
            entry = ref Unsafe.Add(ref entry, 1);
        }

        Lane.Negate(result._y, sign, out result._y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref Vector256<long> First(in Point384x4 point) => ref Unsafe.As<Point384x4, Vector256<long>>(ref Unsafe.AsRef(in point));

    /// <summary>a b' + a' b of two pairs, from their sums and the products a a' and b b'.</summary>
    [SkipLocalsInit]
    private static void Cross(in Lane a, in Lane b, in Lane otherA, in Lane otherB, in Lane aa, in Lane bb, out Lane cross)
    {
        Lane.Add(a, b, out Lane sum);
        Lane.Add(otherA, otherB, out Lane otherSum);
        Lane.Multiply(sum, otherSum, out cross);
        Lane.Subtract(cross, aa, out cross);
        Lane.Subtract(cross, bb, out cross);
    }
}
