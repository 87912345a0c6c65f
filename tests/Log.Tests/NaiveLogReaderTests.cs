using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Veil.Common.Tests;
using Veil.Proofs.TransparencyLog;

namespace Veil.Log.Tests;

/// <summary>The reader that judges our logs, and shares nothing with them, reads another tool's log as that tool meant it.</summary>
public static class NaiveLogReaderTests
{
    [Fact]
    public static async Task It_reads_the_log_of_another_tool()
    {
        JsonElement log = VectorFile.OpenForeign("tlog-c2sp.json").GetProperty("tessera_log");
        var files = new Dictionary<string, byte[]>
        {
            ["tile/entries/000.p/15"] = Convert.FromHexString(log.GetProperty("entries_000_p_15").GetString()!),
            ["tile/0/000.p/15"] = Convert.FromHexString(log.GetProperty("tile_0_000_p_15").GetString()!),
        };

        (IReadOnlyList<byte[]> entries, byte[] root) = await NaiveLogReader.ReadAsync(path => Task.FromResult(files[path]), 15);

        Assert.Equal(log.GetProperty("entries").EnumerateArray().Select(entry => entry.GetString()), entries.Select(Encoding.UTF8.GetString));
        Assert.Equal(log.GetProperty("checkpoints").EnumerateArray().Last().GetString()!.Split('\n')[2], Convert.ToBase64String(root));
    }

    [Fact]
    public static async Task It_asks_for_the_tiles_of_another_tool_and_finds_one_that_is_altered()
    {
        JsonElement tiles = VectorFile.OpenForeign("tlog-c2sp.json").GetProperty("tiles");
        byte[][] entries = [.. Enumerable.Range(0, 600).Select(number => Encoding.ASCII.GetBytes($"entry {number}"))];
        byte[][] leaves = [.. entries.Select(entry => SHA256.HashData([0, .. entry]))];
        var asked = new List<string>();

        (_, byte[] root) = await NaiveLogReader.ReadAsync(ReadAsync, 600);

        Assert.Equal(tiles.GetProperty("roots").GetProperty("600").GetString(), Convert.ToHexStringLower(root));
        Assert.Equal(tiles.GetProperty("tiles_for_size_600").EnumerateArray().Select(path => path.GetString()), asked.Where(path => !path.Contains("entries", StringComparison.Ordinal)));
        leaves[599][0] ^= 1;
        await Assert.ThrowsAsync<InvalidDataException>(() => NaiveLogReader.ReadAsync(ReadAsync, 600));

        Task<byte[]> ReadAsync(string path)
        {
            asked.Add(path);
            string[] parts = path.Split('/');
            int first = 256 * int.Parse(parts[2].Split('.')[0], System.Globalization.CultureInfo.InvariantCulture);
            return Task.FromResult<byte[]>(parts[1] switch
            {
                "entries" => [.. entries.Skip(first).Take(256).SelectMany(entry => (byte[])[0, (byte)entry.Length, .. entry])],
                "0" => [.. leaves.Skip(first).Take(256).SelectMany(leaf => leaf)],
                _ => Convert.FromHexString(tiles.GetProperty("tile_1_000_p_2").GetString()!),
            });
        }
    }
}
