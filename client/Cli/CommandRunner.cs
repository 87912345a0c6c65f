using System.CommandLine;
using Veil.ClientSdk;

namespace Veil.ClientCli;

/// <summary>Runs a command's work with its settings and turns every failure into one clear line and an exit code.</summary>
internal static class CommandRunner
{
    public static async Task<int> RunAsync(ParseResult parse, Func<VeilHandler, VeilOptions, CancellationToken, Task<int>> work, CancellationToken cancellationToken)
    {
        try
        {
            VeilOptions options = Settings.Read(parse);
            using var handler = new VeilHandler(options);
            return await work(handler, options, cancellationToken).ConfigureAwait(false);
        }
        catch (SettingsException problem)
        {
            return await TellAsync(problem.Message, ExitCode.Usage).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or UnauthorizedAccessException)
        {
            return await TellAsync(failure.Message, ExitCode.Failed).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return await TellAsync("stopped.", ExitCode.Cancelled).ConfigureAwait(false);
        }
    }

    /// <summary>Says on standard error what is being waited for, once it takes longer than a second.</summary>
    public static async Task<T> WaitAsync<T>(Task<T> work, string forWhat)
    {
        if (await Task.WhenAny(work, Task.Delay(TimeSpan.FromSeconds(1))).ConfigureAwait(false) != work)
        {
            await Console.Error.WriteLineAsync($"waiting for {forWhat} …").ConfigureAwait(false);
        }

        return await work.ConfigureAwait(false);
    }

    private static async Task<int> TellAsync(string message, int code)
    {
        foreach (string line in message.Split(Environment.NewLine))
        {
            await Console.Error.WriteLineAsync($"veil: {line}").ConfigureAwait(false);
        }

        return code;
    }
}
