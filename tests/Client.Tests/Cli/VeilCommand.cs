using System.Diagnostics;

namespace Veil.Client.Tests.Cli;

/// <summary>Runs the built <c>veil</c> as a user would.</summary>
internal static class VeilCommand
{
    public static async Task<(int Code, string Output, string Error)> RunAsync(string[] arguments, string input = "", string? folder = null, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "veil.dll"));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        // Whether a wait lasts longer than a second is the machine's affair.
        return (process.ExitCode, await output, string.Concat((await error).Split('\n').Where(line => line.Length > 0 && !line.StartsWith("waiting for", StringComparison.Ordinal)).Select(line => line + '\n')));
    }
}
