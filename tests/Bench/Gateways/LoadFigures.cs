namespace Veil.Bench.Gateways;

/// <summary>One round of load, or the best of several.</summary>
/// <param name="CpuMicroseconds">CPU of the server per request.</param>
/// <param name="P50Microseconds">Median time of a request.</param>
/// <param name="P99Microseconds">The time that one request in a hundred exceeds.</param>
internal sealed record LoadFigures(double CpuMicroseconds = double.MaxValue, double P50Microseconds = double.MaxValue, double P99Microseconds = double.MaxValue)
{
    /// <summary>The smaller of each.</summary>
    public LoadFigures Better(LoadFigures other) => new(
        Math.Min(CpuMicroseconds, other.CpuMicroseconds),
        Math.Min(P50Microseconds, other.P50Microseconds),
        Math.Min(P99Microseconds, other.P99Microseconds));
}
