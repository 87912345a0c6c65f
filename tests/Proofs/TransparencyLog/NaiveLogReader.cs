using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Veil.Proofs.TransparencyLog;

/// <summary>
/// Reads a log as its specifications say and with nothing of this project: paths, bundles, tiles and hashes are worked out again, slowly. It asks for exactly the tiles that a
/// size implies, and holds every level to the one below.
/// </summary>
public static class NaiveLogReader
{
    /// <summary>All entries and the root over them.</summary>
    /// <param name="read">The bytes of a path such as <c>tile/0/000.p/3</c>.</param>
    /// <param name="size">Of the checkpoint.</param>
    /// <exception cref="InvalidDataException">Bundles and tiles are not one tree.</exception>
    public static async Task<(IReadOnlyList<byte[]> Entries, byte[] Root)> ReadAsync(Func<string, Task<byte[]>> read, long size)
    {
        var entries = new List<byte[]>();
        foreach ((string path, int width) in Tiles("entries", size))
        {
            byte[] bundle = await read(path);
            int at = 0;
            for (int i = 0; i < width; i++)
            {
                int length = BinaryPrimitives.ReadUInt16BigEndian(bundle.AsSpan(at));
                entries.Add(bundle[(at + 2)..(at + 2 + length)]);
                at += 2 + length;
            }

            Require(at == bundle.Length, path);
        }

        List<byte[]> leaves = [.. entries.Select(entry => SHA256.HashData([0, .. entry]))];
        List<byte[]> level = leaves;
        for (int number = 0; level.Count > 0; number++)
        {
            int at = 0;
            foreach ((string path, int width) in Tiles(number.ToString(CultureInfo.InvariantCulture), level.Count))
            {
                Require((await read(path)).AsSpan().SequenceEqual(level.Skip(at).Take(width).SelectMany(hash => hash).ToArray()), path);
                at += width;
            }

            level = [.. level.Chunk(256).Where(chunk => chunk.Length is 256).Select(Root)];
        }

        return (entries, leaves.Count is 0 ? SHA256.HashData([]) : Root(leaves));
    }

    /// <summary>RFC 6962 section 2.1, by the letter.</summary>
    public static byte[] Root(IReadOnlyList<byte[]> leaves)
    {
        if (leaves.Count is 1)
            return leaves[0];
        int split = 1;
        while (split * 2 < leaves.Count)
            split *= 2;
        return SHA256.HashData([1, .. Root([.. leaves.Take(split)]), .. Root([.. leaves.Skip(split)])]);
    }

    private static IEnumerable<(string Path, int Width)> Tiles(string level, long size)
    {
        for (long tile = 0; tile * 256 < size; tile++)
        {
            int width = (int)Math.Min(256, size - (tile * 256));
            string name = (tile % 1000).ToString("000", CultureInfo.InvariantCulture);
            for (long rest = tile / 1000; rest > 0; rest /= 1000)
                name = $"x{(rest % 1000).ToString("000", CultureInfo.InvariantCulture)}/{name}";
            yield return ($"tile/{level}/{name}{(width < 256 ? $".p/{width}" : "")}", width);
        }
    }

    private static void Require(bool condition, string path)
    {
        if (!condition)
            throw new InvalidDataException($"{path} is not what the entries say.");
    }
}
