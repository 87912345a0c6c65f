using System.Text.RegularExpressions;

namespace Veil.Common.Tests.House;

/// <summary>The pages of known attacks name tests that exist, and leave no item out.</summary>
public static partial class PitfallsTests
{
    /// <summary>How many items each part of the list of attacks on verifiers has.</summary>
    private static readonly Dictionary<char, int> Items = new() { ['A'] = 6, ['B'] = 5, ['C'] = 7, ['D'] = 10, ['E'] = 6, ['F'] = 7 };

    [Fact]
    public static void Every_item_of_the_attack_list_has_a_test()
    {
        string[] rows = [.. File.ReadLines(Path.Combine(VectorFile.Root(), "ops", "docs", "attack-list.md")).Where(line => ItemRow().IsMatch(line))];
        Assert.Equal(Items.SelectMany(part => Enumerable.Range(1, part.Value).Select(number => $"{part.Key}{number}")), rows.Select(row => row.Split('|')[1].Trim()));
        Assert.All(rows, row => Assert.Matches(TestName(), row));
    }

    [Theory]
    [InlineData("pitfalls.md")]
    [InlineData("attack-list.md")]
    public static void Every_test_that_the_page_names_exists(string page)
    {
        string root = VectorFile.Root();
        string[] named = [.. TestName().Matches(File.ReadAllText(Path.Combine(root, "ops", "docs", page))).Select(match => match.Groups[1].Value)];
        Assert.True(named.Length > 20);
        Dictionary<string, string> files = Directory.EnumerateFiles(Path.Combine(root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .GroupBy(path => Path.GetFileNameWithoutExtension(path)!, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => string.Concat(group.Select(File.ReadAllText)), StringComparer.Ordinal);
        foreach (string name in named)
        {
            string[] parts = name.Split('.');
            Assert.True(files.TryGetValue(parts[0], out string? text) && text.Contains($" {parts[1]}(", StringComparison.Ordinal), $"{page} names {name}, which is not in tests/.");
        }
    }

    [GeneratedRegex("^\\| [A-F][0-9]+ \\|")]
    private static partial Regex ItemRow();

    [GeneratedRegex("`([A-Za-z0-9]+Tests\\.[A-Za-z0-9_]+)`")]
    private static partial Regex TestName();
}
