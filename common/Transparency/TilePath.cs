using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Veil.Transparency;

/// <summary>
/// Where a tile lies (C2SP tlog-tiles): <c>tile/LEVEL/INDEX[.p/WIDTH]</c>, the index in groups of three digits, all but the last with an <c>x</c>. A full tile has 256 hashes, or
/// entries; a partial one is named by its width.
/// </summary>
public readonly partial record struct TilePath
{
    /// <summary>Hashes or entries of a full tile.</summary>
    public const int FullWidth = 256;

    /// <summary>Levels of the tree that a level of tiles spans.</summary>
    public const int LevelHeight = 8;

    /// <summary>The highest level that is named.</summary>
    public const int MaxLevel = 63;

    private TilePath(int? level, long index, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, FullWidth);
        (Level, Index, Width) = (level, index, width);
    }

    /// <summary>0 for leaf hashes, 1 for the roots of full tiles of level 0, and so on; null for entries.</summary>
    public int? Level { get; }

    /// <summary>Which, from the left.</summary>
    public long Index { get; }

    /// <summary>1 to 256.</summary>
    public int Width { get; }

    /// <summary>A tile of hashes.</summary>
    /// <param name="level">At most <see cref="MaxLevel"/>.</param>
    /// <param name="index">Which, from the left.</param>
    /// <param name="width">1 to 256.</param>
    public static TilePath OfHashes(int level, long index, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(level);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, MaxLevel);
        return new(level, index, width);
    }

    /// <summary>A bundle of entries.</summary>
    /// <param name="index">Which, from the left.</param>
    /// <param name="width">1 to 256.</param>
    public static TilePath OfEntries(long index, int width) => new(null, index, width);

    /// <summary>All tiles of a level, or of the entries, that a reader of a log of <paramref name="count"/> hashes or entries needs.</summary>
    /// <param name="level">Null for entries.</param>
    /// <param name="count">Of the level.</param>
    /// <param name="first">How many of them need not be in it: tiles that have nothing else are left out.</param>
    public static IEnumerable<TilePath> All(int? level, long count, long first = 0)
    {
        for (long index = first / FullWidth; index * FullWidth < count; index++)
            yield return new(level, index, (int)Math.Min(FullWidth, count - (index * FullWidth)));
    }

    /// <summary>Reads a path; false for what is not written exactly so.</summary>
    /// <param name="path">Untrusted.</param>
    /// <param name="tile">The tile.</param>
    public static bool TryParse(string? path, out TilePath tile)
    {
        tile = default;
        if (path is not { Length: <= 64 } || Pattern().Match(path) is not { Success: true } match)
            return false;
        bool isLevel = int.TryParse(match.Groups["level"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int level);
        if (!long.TryParse(match.Groups["index"].Value.Replace("x", "", StringComparison.Ordinal).Replace("/", "", StringComparison.Ordinal), NumberStyles.None, CultureInfo.InvariantCulture, out long index))
            return false;
        int width = match.Groups["width"].Success ? int.Parse(match.Groups["width"].ValueSpan, CultureInfo.InvariantCulture) : FullWidth;
        if (width is 0 or > FullWidth || level > MaxLevel)
            return false;
        tile = new(isLevel ? level : null, index, width);

        // One tile has one path.
        return tile.ToString() == path;
    }

    /// <summary>The path.</summary>
    public override string ToString()
    {
        var groups = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"{Index % 1000:D3}"));
        for (long rest = Index / 1000; rest > 0; rest /= 1000)
            groups.Insert(0, string.Create(CultureInfo.InvariantCulture, $"x{rest % 1000:D3}/"));
        string partial = Width < FullWidth ? string.Create(CultureInfo.InvariantCulture, $".p/{Width}") : "";
        return $"tile/{Level?.ToString(CultureInfo.InvariantCulture) ?? "entries"}/{groups}{partial}";
    }

    [GeneratedRegex(@"\Atile/(entries|(?<level>[0-9]{1,2}))/(?<index>(x[0-9]{3}/){0,6}[0-9]{3})(\.p/(?<width>[0-9]{1,3}))?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}
