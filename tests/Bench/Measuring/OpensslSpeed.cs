using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Veil.Bench.Measuring;

/// <summary>What the openssl command measures in one second of its own CPU time, on one core: it calculates and does nothing else.</summary>
internal static class OpensslSpeed
{
    /// <summary>RSA-2048 private operations a second.</summary>
    /// <param name="prefix">A command in front of it, such as one that chooses the core.</param>
    public static async Task<double> SignsPerSecondAsync(params string[] prefix)
    {
        using Process openssl = Start([.. prefix, "openssl", "speed", "-mr", "-seconds", "1", "rsa2048"]);
        Task<string> progress = openssl.StandardError.ReadToEndAsync();
        string output = await openssl.StandardOutput.ReadToEndAsync();
        await progress;
        await openssl.WaitForExitAsync();

        // +F2:INDEX:BITS:SIGNS PER SECOND:VERIFICATIONS PER SECOND
        string line = output.Split('\n').FirstOrDefault(candidate => candidate.StartsWith("+F2:", StringComparison.Ordinal)) ?? throw Missing(null);
        return double.Parse(line.Split(':')[3], CultureInfo.InvariantCulture);
    }

    private static Process Start(string[] command)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception missing)
        {
            throw Missing(missing);
        }
    }

    private static BenchException Missing(Exception? cause) =>
        new("The command openssl, which this bench compares with, is not here: install the package openssl.", cause);
}
