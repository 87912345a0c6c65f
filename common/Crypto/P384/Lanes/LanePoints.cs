using System.Buffers;
using System.Security.Cryptography;
using Scalar = Veil.Crypto.Residue384<Veil.Crypto.P384Order>;

namespace Veil.Crypto;

/// <summary>Points of P-384 by their coordinates, brought into lanes for each calculation.</summary>
internal sealed class LanePoints(P384Point[] points) : GroupElements
{
    /// <summary>Groups of lanes whose tables are held at once by <see cref="Combine"/>: 688 KB, over which the doublings are an eighth of the work.</summary>
    private const int MaxTables = 32;

    private readonly P384Point[] _points = points;

    public override int Count => _points.Length;

    public override GroupElements Multiply(ReadOnlySpan<byte> scalars)
    {
        bool same = scalars.Length == Scalar.Size;
        var products = new ProjectivePoints(Count);
        Span<Point384x4> table = stackalloc Point384x4[SignedWindows.Largest];
        Span<sbyte> space = stackalloc sbyte[SignedWindows.Size];
        for (int start = 0; start < Count; start += Field384x4.Lanes)
        {
            int lanes = Math.Min(Field384x4.Lanes, Count - start);
            using var windows = new SignedWindows(same ? scalars : scalars.Slice(start * Scalar.Size, lanes * Scalar.Size), space);
            if (same)
                windows.Repeat();

            FillTable(_points.AsSpan(start, lanes), table);
            Point384x4 sum = Point384x4.Infinity;
            for (int i = SignedWindows.Count - 1; i >= 0; i--)
            {
                Point384x4.Select(table, windows[i], out Point384x4 multiple);
                Point384x4.Add(sum, multiple, ref sum);
                if (i > 0)
                    Shift(ref sum);
            }

            products.Store(start, lanes, sum);
        }

        return new LanePoints(products.ToAffine() ?? throw new CryptographicException("A product of points is the point at infinity."));
    }

    public override void Encode(Span<byte> encodings)
    {
        for (int i = 0; i < Count; i++)
            _points[i].WriteCompressed(encodings.Slice(i * P384Point.CompressedSize, P384Point.CompressedSize));
    }

    /// <summary>Holds nothing but memory.</summary>
    public override void Dispose()
    {
    }

    /// <summary>The sum of the two points of each place.</summary>
    public static LanePoints Add(ReadOnlySpan<P384Point> first, ReadOnlySpan<P384Point> second)
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

        return new(sums.ToAffine() ?? throw new CryptographicException("A sum of points is the point at infinity."));
    }

    /// <summary>The points of all lists.</summary>
    public static LanePoints Join(ReadOnlySpan<GroupElements> lists)
    {
        var all = new List<P384Point>();
        foreach (GroupElements list in lists)
            all.AddRange(((LanePoints)list)._points);
        return new([.. all]);
    }

    /// <summary>The sum of products of public points with public scalars; null for the point at infinity.</summary>
    public static LanePoints? Combine(ReadOnlySpan<byte> weights, ReadOnlySpan<GroupElements> lists)
    {
        P384Point[] terms = Join(lists)._points;
        ArgumentOutOfRangeException.ThrowIfNotEqual(terms.Length * Scalar.Size, weights.Length, nameof(weights));

        Point384x4 total = Point384x4.Infinity;
        const int most = MaxTables * Field384x4.Lanes;
        for (int start = 0; start < terms.Length; start += most)
        {
            int count = Math.Min(most, terms.Length - start);
            Point384x4 part = SumProducts(terms.AsSpan(start, count), weights.Slice(start * Scalar.Size, count * Scalar.Size));
            Point384x4.Carry(ref part);
            Point384x4.Add(total, part, ref total);
        }

        // Four lanes have a part of the sum each: two steps add them up in the first.
        Point384x4.AddAcross(ref total);
        var sum = new ProjectivePoints(1);
        sum.Store(0, 1, total);
        return sum.ToAffine() is { } affine ? new(affine) : null;
    }

    /// <summary>Straus' method: every lane adds up the products of its own points, with one row of doublings for all of them.</summary>
    private static Point384x4 SumProducts(ReadOnlySpan<P384Point> terms, ReadOnlySpan<byte> weights)
    {
        int groups = (terms.Length + Field384x4.Lanes - 1) / Field384x4.Lanes;
        Point384x4[] tables = ArrayPool<Point384x4>.Shared.Rent(groups * SignedWindows.Largest);
        var digits = new sbyte[groups * SignedWindows.Size];
        for (int group = 0; group < groups; group++)
        {
            int start = group * Field384x4.Lanes;
            int lanes = Math.Min(Field384x4.Lanes, terms.Length - start);
            FillTable(terms.Slice(start, lanes), tables.AsSpan(group * SignedWindows.Largest, SignedWindows.Largest));
            _ = new SignedWindows(weights.Slice(start * Scalar.Size, lanes * Scalar.Size), digits.AsSpan(group * SignedWindows.Size));
        }

        Point384x4 sum = Point384x4.Infinity;
        for (int i = SignedWindows.Count - 1; i >= 0; i--)
        {
            for (int group = 0; group < groups; group++)
            {
                var windows = SignedWindows.Over(digits.AsSpan(group * SignedWindows.Size));
                Point384x4.Select(tables.AsSpan(group * SignedWindows.Largest, SignedWindows.Largest), windows[i], out Point384x4 multiple);
                Point384x4.Add(sum, multiple, ref sum);
            }

            if (i > 0)
                Shift(ref sum);
        }

        ArrayPool<Point384x4>.Shared.Return(tables);
        return sum;
    }

    /// <summary>1 to 16 times the points, with widths of 1.</summary>
    private static void FillTable(ReadOnlySpan<P384Point> lanes, Span<Point384x4> table)
    {
        Point384x4.Load(lanes, out table[0]);
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
    private static void Shift(ref Point384x4 point)
    {
        for (int i = 0; i < SignedWindows.Width; i++)
            Point384x4.Double(point, ref point);
    }
}
