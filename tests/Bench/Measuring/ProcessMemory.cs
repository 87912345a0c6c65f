using System.Globalization;

namespace Veil.Bench.Measuring;

/// <summary>Memory of a process as the kernel counts it, in bytes.</summary>
internal static class ProcessMemory
{
    /// <summary>Resident now.</summary>
    public static long Resident(int processId) => Read(processId, "VmRSS:");

    /// <summary>The most that was ever resident.</summary>
    public static long PeakResident(int processId) => Read(processId, "VmHWM:");

    private static long Read(int processId, string field)
    {
        string line = File.ReadLines($"/proc/{processId}/status").First(line => line.StartsWith(field, StringComparison.Ordinal));
        return 1024 * long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
    }
}
