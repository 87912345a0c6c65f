namespace Veil.Bench.Gateways;

/// <summary>One round of load, or the median of several.</summary>
/// <param name="CpuMicroseconds">CPU of the server per request.</param>
/// <param name="P50Microseconds">Median time of a request.</param>
/// <param name="P99Microseconds">The time that one request in a hundred exceeds.</param>
internal sealed record LoadFigures(double CpuMicroseconds, double P50Microseconds, double P99Microseconds)
{
    /// <summary>The median of each over several rounds.</summary>
    public static LoadFigures Median(IReadOnlyList<LoadFigures> rounds) => new(
        Middle(rounds.Select(round => round.CpuMicroseconds)),
        Middle(rounds.Select(round => round.P50Microseconds)),
        Middle(rounds.Select(round => round.P99Microseconds)));

    private static double Middle(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
