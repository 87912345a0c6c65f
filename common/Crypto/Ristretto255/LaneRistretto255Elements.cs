using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Lane = Veil.Crypto.Field25519x4;
using SignedWindows = Veil.Crypto.SignedWindows<Veil.Crypto.Ristretto255Scalar>;

namespace Veil.Crypto;

/// <summary>Elements of ristretto255 in groups of four, as the lanes hold them. Lanes of the last group that no element has hold any.</summary>
internal sealed class LaneRistretto255Elements(Edwards25519x4[] groups, int count) : GroupElements
{
    private const int Size = Ristretto255Group.Size;

    /// <summary>Groups whose tables <see cref="Combine"/> holds at once: 640 KiB, and the doublings between windows are an eighth of the work.</summary>
    private const int MaxTables = 32;

    private Edwards25519x4[]? _groups = groups;

    public override int Count => count;

    private Edwards25519x4[] Groups => _groups ?? throw new ObjectDisposedException(nameof(LaneRistretto255Elements));

    /// <summary>Decodes elements; null where one is none, or the identity.</summary>
    /// <param name="encodings">Untrusted, one or more.</param>
    public static LaneRistretto255Elements? TryDecode(ReadOnlySpan<byte> encodings)
    {
        int count = encodings.Length / Size;
        var groups = new Edwards25519x4[(count + Lane.Lanes - 1) / Lane.Lanes];
        Span<byte> four = stackalloc byte[Lane.Lanes * Size];
        for (int group = 0; group < groups.Length; group++)
        {
            int start = group * Lane.Lanes;
            int lanes = Math.Min(Lane.Lanes, count - start);
            four.Clear();
            encodings.Slice(start * Size, lanes * Size).CopyTo(four);
            var elements = Edwards25519x4.Decode(four, out groups[group]);
            for (int lane = 0; lane < lanes; lane++)
            {
                if (elements[lane] is 0 || !IsCanonical(four.Slice(lane * Size, Size)))
                    return null;
            }
        }

        return new(groups, count);
    }

    public override GroupElements Multiply(ReadOnlySpan<byte> scalars)
    {
        bool same = scalars.Length == Size;
        ArgumentOutOfRangeException.ThrowIfNotEqual(scalars.Length, same ? Size : count * Size, nameof(scalars));
        Edwards25519x4[] from = Groups;
        var products = new Edwards25519x4[from.Length];
        Span<CachedEdwards25519x4> table = stackalloc CachedEdwards25519x4[SignedWindows.Largest];
        Span<CachedEdwards25519x4> chosen = stackalloc CachedEdwards25519x4[1];
        Span<sbyte> digits = stackalloc sbyte[SignedWindows.Size];
        for (int group = 0; group < from.Length; group++)
        {
            int start = group * Lane.Lanes;
            using SignedWindows windows = same
                ? SignedWindows.Same(scalars, digits)
                : SignedWindows.Each(scalars.Slice(start * Size, Math.Min(Lane.Lanes, count - start) * Size), digits);
            FillTable(from[group], table);
            ref Edwards25519x4 sum = ref products[group];
            sum = Edwards25519x4.Identity;
            for (int i = SignedWindows.Count - 1; i >= 0; i--)
            {
                CachedEdwards25519x4.Select(table, windows[i], out chosen[0]);
                Edwards25519x4.Add(sum, chosen[0], ref sum);
                if (i > 0)
                    Shift(ref sum);
            }
        }

        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(table));
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(chosen));
        return new LaneRistretto255Elements(products, count);
    }

    public override void Encode(Span<byte> encodings)
    {
        Span<byte> four = stackalloc byte[Lane.Lanes * Size];
        for (int group = 0; group < Groups.Length; group++)
        {
            Groups[group].Encode(four);
            int start = group * Lane.Lanes * Size;
            four[..Math.Min(four.Length, (count * Size) - start)].CopyTo(encodings[start..]);
        }

        four.Clear();
    }

    /// <summary>The sum of the elements of all lists, each times its weight, in a time that the weights tell; null for the identity.</summary>
    /// <param name="weights">As many as there are elements.</param>
    /// <param name="lists">In lanes, or libsodium's.</param>
    public static GroupElements? Combine(ReadOnlySpan<byte> weights, ReadOnlySpan<GroupElements> lists)
    {
        Edwards25519x4 total = Edwards25519x4.Identity;
        int used = 0;
        foreach (GroupElements list in lists)
        {
            LaneRistretto255Elements elements = list as LaneRistretto255Elements ?? TryDecode(((Ristretto255Elements)list).Bytes)!;
            const int most = MaxTables * Lane.Lanes;
            for (int start = 0; start < elements.Count; start += most)
            {
                int some = Math.Min(most, elements.Count - start);
                ArgumentOutOfRangeException.ThrowIfGreaterThan(used + (some * Size), weights.Length, nameof(weights));
                SumProducts(elements.Groups.AsSpan(start / Lane.Lanes, (some + Lane.Lanes - 1) / Lane.Lanes), weights.Slice(used, some * Size), out Edwards25519x4 part);
                part.Cache(out CachedEdwards25519x4 cached);
                Edwards25519x4.Add(total, cached, ref total);
                used += some * Size;
            }
        }

        ArgumentOutOfRangeException.ThrowIfNotEqual(used, weights.Length, nameof(weights));
        Edwards25519x4.AddAcross(ref total);
        Span<byte> four = stackalloc byte[Lane.Lanes * Size];
        total.Encode(four);
        return PrimeOrderGroup.IsZero(four[..Size]) ? null : new Ristretto255Elements(four[..Size].ToArray());
    }

    /// <summary>Erases the elements.</summary>
    public override void Dispose()
    {
        Array.Clear(_groups ?? []);
        _groups = null;
    }

    /// <summary>Straus' method: every lane adds up the products of its own elements, with one row of doublings for all of them.</summary>
    private static void SumProducts(ReadOnlySpan<Edwards25519x4> groups, ReadOnlySpan<byte> weights, out Edwards25519x4 sum)
    {
        CachedEdwards25519x4[] tables = ArrayPool<CachedEdwards25519x4>.Shared.Rent(groups.Length * SignedWindows.Largest);
        var digits = new sbyte[groups.Length * SignedWindows.Size];
        for (int group = 0; group < groups.Length; group++)
        {
            int start = group * Lane.Lanes * Size;
            FillTable(groups[group], tables.AsSpan(group * SignedWindows.Largest, SignedWindows.Largest));

            // Lanes without an element get zeros, which add nothing.
            SignedWindows.Each(weights.Slice(start, Math.Min(Lane.Lanes * Size, weights.Length - start)), digits.AsSpan(group * SignedWindows.Size, SignedWindows.Size));
        }

        sum = Edwards25519x4.Identity;
        for (int i = SignedWindows.Count - 1; i >= 0; i--)
        {
            for (int group = 0; group < groups.Length; group++)
            {
                var windows = new SignedWindows(digits.AsSpan(group * SignedWindows.Size, SignedWindows.Size));
                CachedEdwards25519x4.Select(tables.AsSpan(group * SignedWindows.Largest, SignedWindows.Largest), windows[i], out CachedEdwards25519x4 multiple);
                Edwards25519x4.Add(sum, multiple, ref sum);
            }

            if (i > 0)
                Shift(ref sum);
        }

        ArrayPool<CachedEdwards25519x4>.Shared.Return(tables);
    }

    /// <summary>1 to 16 times the points.</summary>
    private static void FillTable(in Edwards25519x4 points, Span<CachedEdwards25519x4> table)
    {
        Edwards25519x4 multiple = points;
        multiple.Cache(out table[0]);
        for (int k = 1; k < table.Length; k++)
        {
            Edwards25519x4.Add(multiple, table[0], ref multiple);
            multiple.Cache(out table[k]);
        }
    }

    /// <summary>Times 32: on to the next window.</summary>
    private static void Shift(ref Edwards25519x4 points)
    {
        for (int i = 0; i < SignedWindows.Width; i++)
            Edwards25519x4.Double(ref points);
    }

    /// <summary>True for an even number below p that is not 0, the identity: little-endian, p being ed ff … ff 7f.</summary>
    private static bool IsCanonical(ReadOnlySpan<byte> encoding)
    {
        bool isBelow = encoding[^1] < 0x7F || (encoding[^1] == 0x7F && (encoding[0] < 0xED || encoding[1..^1].ContainsAnyExcept((byte)0xFF)));
        return isBelow && encoding[0] % 2 == 0 && !PrimeOrderGroup.IsZero(encoding);
    }
}
