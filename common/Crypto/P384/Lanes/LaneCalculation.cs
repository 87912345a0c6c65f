using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Scalar = Veil.Crypto.Residue384<Veil.Crypto.P384Order>;
using SignedWindows = Veil.Crypto.SignedWindows<Veil.Crypto.P384Scalar>;

namespace Veil.Crypto;

/// <summary>Calculations with lists of points, of which four at a time go through the lanes; those that are left over share theirs with nothing.</summary>
internal static class LaneCalculation
{
    /// <summary>Groups of four whose tables <see cref="Combine"/> holds at once: 688 KB, and the doublings between windows are an eighth of the work.</summary>
    private const int MaxTables = 32;

    /// <summary>Each point times the scalar of its place, or every point times the only scalar. Takes the same time for all scalars and points.</summary>
    /// <exception cref="CryptographicException">A product is the point at infinity: its scalar is 0.</exception>
    public static P384Point[] Multiply(ReadOnlySpan<P384Point> points, ReadOnlySpan<byte> scalars)
    {
        bool same = scalars.Length == Scalar.Size;
        var products = new ProjectivePoints(points.Length);
        Span<Point384x4> table = stackalloc Point384x4[SignedWindows.Largest];
        Span<Point384x4> state = stackalloc Point384x4[2];
        Span<sbyte> digits = stackalloc sbyte[SignedWindows.Size];
        ref Point384x4 sum = ref state[0];
        ref Point384x4 multiple = ref state[1];
        for (int start = 0; start < points.Length; start += Field384x4.Lanes)
        {
            int lanes = Math.Min(Field384x4.Lanes, points.Length - start);
            using SignedWindows windows = same
                ? SignedWindows.Same(scalars, digits)
                : SignedWindows.Each(scalars.Slice(start * Scalar.Size, lanes * Scalar.Size), digits);
            FillTable(points.Slice(start, lanes), table);
            sum = Point384x4.Infinity;
            for (int i = SignedWindows.Count - 1; i >= 0; i--)
            {
                Point384x4.Select(table, windows[i], out multiple);
                Point384x4.Add(sum, multiple, ref sum);
                if (i > 0)
                    Shift(ref sum);
            }

            products.Store(start, lanes, sum);
        }

        table.Clear();
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(state));
        return products.ToAffine() ?? throw new CryptographicException("A product of points is the point at infinity.");
    }

    /// <summary>The sum of the two points of each place.</summary>
    /// <exception cref="CryptographicException">A sum is the point at infinity.</exception>
    public static P384Point[] Add(ReadOnlySpan<P384Point> first, ReadOnlySpan<P384Point> second)
    {
        var sums = new ProjectivePoints(first.Length);
        for (int start = 0; start < first.Length; start += Field384x4.Lanes)
        {
            int lanes = Math.Min(Field384x4.Lanes, first.Length - start);
            Point384x4.Load(first.Slice(start, lanes), out Point384x4 left);
            Point384x4.Load(second.Slice(start, lanes), out Point384x4 right);
            Point384x4.Add(left, right, ref left);
            sums.Store(start, lanes, left);
        }

        return sums.ToAffine() ?? throw new CryptographicException("A sum of points is the point at infinity.");
    }

    /// <summary>The sum of products of public points with public scalars; null for the point at infinity.</summary>
    public static P384Point? Combine(ReadOnlySpan<P384Point> points, ReadOnlySpan<byte> weights)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Length, points.Length * Scalar.Size, nameof(weights));
        Point384x4 total = Point384x4.Infinity;
        const int most = MaxTables * Field384x4.Lanes;
        for (int start = 0; start < points.Length; start += most)
        {
            int count = Math.Min(most, points.Length - start);
            SumProducts(points.Slice(start, count), weights.Slice(start * Scalar.Size, count * Scalar.Size), out Point384x4 part);
            Point384x4.Carry(ref part);
            Point384x4.Add(total, part, ref total);
        }

        Point384x4.AddAcross(ref total);
        var sum = new ProjectivePoints(1);
        sum.Store(0, 1, total);
        return sum.ToAffine()?[0];
    }

    /// <summary>Straus' method: every lane adds up the products of its own points, with one row of doublings for all of them.</summary>
    private static void SumProducts(ReadOnlySpan<P384Point> points, ReadOnlySpan<byte> weights, out Point384x4 sum)
    {
        int groups = (points.Length + Field384x4.Lanes - 1) / Field384x4.Lanes;
        Point384x4[] tables = ArrayPool<Point384x4>.Shared.Rent(groups * SignedWindows.Largest);
        var digits = new sbyte[groups * SignedWindows.Size];
        for (int group = 0; group < groups; group++)
        {
            int start = group * Field384x4.Lanes;
            int lanes = Math.Min(Field384x4.Lanes, points.Length - start);
            FillTable(points.Slice(start, lanes), Table(group));
            SignedWindows.Each(weights.Slice(start * Scalar.Size, lanes * Scalar.Size), Digits(group));
        }

        sum = Point384x4.Infinity;
        for (int i = SignedWindows.Count - 1; i >= 0; i--)
        {
            for (int group = 0; group < groups; group++)
            {
                Point384x4.Select(Table(group), new SignedWindows(Digits(group))[i], out Point384x4 multiple);
                Point384x4.Add(sum, multiple, ref sum);
            }

            if (i > 0)
                Shift(ref sum);
        }

        ArrayPool<Point384x4>.Shared.Return(tables);

        Span<Point384x4> Table(int group) => tables.AsSpan(group * SignedWindows.Largest, SignedWindows.Largest);

        Span<sbyte> Digits(int group) => digits.AsSpan(group * SignedWindows.Size, SignedWindows.Size);
    }

    /// <summary>1 to 16 times the points, with widths of 1.</summary>
    private static void FillTable(ReadOnlySpan<P384Point> points, Span<Point384x4> table)
    {
        Point384x4.Load(points, out table[0]);
        for (int k = 2; k <= table.Length; k++)
        {
            ref Point384x4 entry = ref table[k - 1];
            if (k % 2 == 0)
                Point384x4.Double(table[(k / 2) - 1], ref entry);
            else
                Point384x4.Add(table[k - 2], table[0], ref entry);
            Point384x4.Carry(ref entry);
        }
    }

    /// <summary>Times 32: on to the next window.</summary>
    private static void Shift(ref Point384x4 points)
    {
        for (int i = 0; i < SignedWindows.Width; i++)
            Point384x4.Double(points, ref points);
    }
}
