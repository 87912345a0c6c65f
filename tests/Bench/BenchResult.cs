using System.Text.Json.Serialization;

namespace Veil.Bench;

/// <summary>One figure. <see cref="Baseline"/> has the unit of <see cref="Value"/>; <see cref="Ratio"/> is "larger is better".</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Value">The measured figure.</param>
/// <param name="Unit">Its unit, for example <c>us</c>, <c>1/s</c>, <c>B</c>.</param>
/// <param name="Baseline">The same work's yardstick from the same run, or null.</param>
/// <param name="Ratio">How near the yardstick it comes, or null.</param>
/// <param name="Target">What <see cref="Ratio"/> (or, without one, <see cref="Value"/>) is held to, or null.</param>
/// <param name="Met">True when the target is met or there is none.</param>
internal sealed record BenchResult(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("value")] double Value,
    [property: JsonPropertyName("unit")] string Unit,
    [property: JsonPropertyName("baseline")] double? Baseline,
    [property: JsonPropertyName("ratio")] double? Ratio,
    [property: JsonPropertyName("target")] double? Target,
    [property: JsonPropertyName("met")] bool Met)
{
    /// <summary>A figure that nothing is asked of.</summary>
    public static BenchResult Figure(string name, double value, string unit) => new(name, value, unit, null, null, null, true);

    /// <summary>A figure that must not exceed <paramref name="target"/>.</summary>
    public static BenchResult AtMost(string name, double value, string unit, double target) => new(name, value, unit, null, null, target, value <= target);

    /// <summary>A figure that must reach <paramref name="target"/>.</summary>
    public static BenchResult AtLeast(string name, double value, string unit, double target) => new(name, value, unit, null, null, target, value >= target);

    /// <summary>A cost (less is better) held to <paramref name="target"/> as baseline / value.</summary>
    public static BenchResult Cost(string name, double value, string unit, double baseline, double? target) =>
        Compared(name, value, unit, baseline, baseline / value, target);

    /// <summary>A rate (more is better) held to <paramref name="target"/> as value / baseline.</summary>
    public static BenchResult Rate(string name, double value, string unit, double baseline, double? target) =>
        Compared(name, value, unit, baseline, value / baseline, target);

    private static BenchResult Compared(string name, double value, string unit, double baseline, double ratio, double? target) =>
        new(name, value, unit, baseline, ratio, target, target is null || ratio >= target);
}
