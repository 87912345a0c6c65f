using System.Text.RegularExpressions;

namespace Veil.Common.Tests.House;

/// <summary>The page of known attacks names tests that exist.</summary>
public static partial class PitfallsTests
{
    [Fact]
    public static void Every_test_that_the_page_names_exists()
    {
        string root = VectorFile.Root();
        string[] named = [.. TestName().Matches(File.ReadAllText(Path.Combine(root, "ops", "docs", "pitfalls.md"))).Select(match => match.Groups[1].Value)];
        Assert.True(named.Length > 20);
        Dictionary<string, string> files = Directory.EnumerateFiles(Path.Combine(root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .GroupBy(path => Path.GetFileNameWithoutExtension(path)!, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => string.Concat(group.Select(File.ReadAllText)), StringComparer.Ordinal);
        foreach (string name in named)
        {
            string[] parts = name.Split('.');
            Assert.True(files.TryGetValue(parts[0], out string? text) && text.Contains($" {parts[1]}(", StringComparison.Ordinal), $"pitfalls.md names {name}, which is not in tests/.");
        }
    }

    [GeneratedRegex("`([A-Za-z0-9]+Tests\\.[A-Za-z0-9_]+)`")]
    private static partial Regex TestName();
}
