using System.Globalization;

namespace Veil.EndToEnd;

/// <summary>A process's resident memory as Linux counts it.</summary>
internal static class ResidentMemory
{
    /// <summary>Resident now, MB.</summary>
    public static double Now(int process) => Read(process, "VmRSS:");

    /// <summary>The highest since <see cref="ResetPeak"/>, MB.</summary>
    public static double Peak(int process) => Read(process, "VmHWM:");

    /// <summary>Lets the peak start again from what is resident now (proc(5), clear_refs).</summary>
    public static void ResetPeak(int process) => File.WriteAllText($"/proc/{process}/clear_refs", "5");

    /// <summary>0 for a process that has just ended: it has no memory any more.</summary>
    private static double Read(int process, string field)
    {
        try
        {
            string? line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(row => row.StartsWith(field, StringComparison.Ordinal));
            return line is null ? 0 : double.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024 / 1_000_000;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
