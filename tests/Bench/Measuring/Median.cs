namespace Veil.Bench.Measuring;

/// <summary>The middle one of several rounds: machines change their speed.</summary>
internal static class Median
{
    /// <summary>Of an odd number of values.</summary>
    public static double Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
