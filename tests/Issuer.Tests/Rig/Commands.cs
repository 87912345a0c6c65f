using System.ComponentModel;
using System.Diagnostics;

namespace Veil.Issuer.Tests.Rig;

/// <summary>Programs of the system that a test needs.</summary>
internal static class Commands
{
    /// <summary>Runs one to its end.</summary>
    /// <returns>False where it failed, or is not there.</returns>
    public static async Task<bool> RunAsync(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            await process.WaitForExitAsync();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
