using System.Globalization;
using System.Text;

namespace Veil.Transparency;

/// <summary>
/// Where a tile lies (C2SP tlog-tiles): <c>tile/LEVEL/INDEX[.p/WIDTH]</c>, the index in groups of three digits, all but the last with an <c>x</c>. A full tile has 256 hashes, or
/// entries; a partial one is named by its width.
/// </summary>
public static class TilePath
{
    /// <summary>Hashes or entries of a full tile.</summary>
    public const int FullWidth = 256;

    /// <summary>Levels of the tree that a level of tiles spans.</summary>
    public const int LevelHeight = 8;

    /// <summary>The path of a tile of hashes.</summary>
    /// <param name="level">0 for leaf hashes, 1 for the roots of full tiles of level 0, and so on; at most 63.</param>
    /// <param name="index">Which, from the left.</param>
    /// <param name="width">1 to 256.</param>
    public static string OfHashes(int level, long index, int width) => Of(level.ToString(CultureInfo.InvariantCulture), index, width);

    /// <summary>The path of a bundle of entries.</summary>
    /// <param name="index">Which, from the left.</param>
    /// <param name="width">1 to 256.</param>
    public static string OfEntries(long index, int width) => Of("entries", index, width);

    private static string Of(string kind, long index, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, FullWidth);
        var groups = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"{index % 1000:D3}"));
        for (index /= 1000; index > 0; index /= 1000)
            groups.Insert(0, string.Create(CultureInfo.InvariantCulture, $"x{index % 1000:D3}/"));
        string partial = width < FullWidth ? string.Create(CultureInfo.InvariantCulture, $".p/{width}") : "";
        return $"tile/{kind}/{groups}{partial}";
    }
}
