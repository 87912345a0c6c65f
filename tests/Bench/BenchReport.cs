using System.Globalization;
using System.Text.Json;

namespace Veil.Bench;

/// <summary>Prints results: one JSON object a line, or an aligned table.</summary>
internal static class BenchReport
{
    private static readonly string[] Heading = ["name", "value", "unit", "baseline", "ratio", "target", "met"];

    /// <summary>One line a result: name, value, unit, baseline, ratio, target, met.</summary>
    public static void WriteJson(TextWriter output, IReadOnlyList<BenchResult> results)
    {
        foreach (BenchResult result in results)
            output.WriteLine(JsonSerializer.Serialize(result with { Value = Rounded(result.Value), Baseline = Rounded(result.Baseline), Ratio = Rounded(result.Ratio) }));
    }

    /// <summary>The same for people.</summary>
    public static void WriteTable(TextWriter output, IReadOnlyList<BenchResult> results)
    {
        string[][] rows = [Heading, .. results.Select(Row)];
        int[] widths = [.. Heading.Select((_, column) => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
            output.WriteLine(string.Join("  ", row.Select((cell, column) => column is 0 or 2 or 6 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd());
    }

    private static string[] Row(BenchResult result) =>
        [result.Name, Text(result.Value), result.Unit, Text(result.Baseline), Text(result.Ratio), Text(result.Target), result.Met ? "yes" : "NO"];

    private static string Text(double? number) => number is double value ? Rounded(value).ToString("#,0.####", CultureInfo.InvariantCulture) : "-";

    private static double Rounded(double value) => Math.Round(value, 4);

    private static double? Rounded(double? value) => value is double number ? Rounded(number) : null;
}
