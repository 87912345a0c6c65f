using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Veil.ServiceDefaults;

/// <summary>The edge of a service's process: from composition to exit code, without a stack trace.</summary>
public static class ServiceProgram
{
    /// <summary>Exit code of a start that failed for a reason outside the configuration, such as a port in use.</summary>
    public const int StartFailed = 1;

    /// <summary>Exit code of a start refused because of its configuration.</summary>
    public const int BadConfiguration = 2;

    /// <summary>
    /// Composes, starts and runs a service until SIGTERM or SIGINT has drained it. Whatever stops the start is written to standard error,
    /// one line per problem.
    /// </summary>
    /// <param name="name">The command's name; begins every line on standard error.</param>
    /// <param name="build">Composes the service.</param>
    /// <returns>0 after a drain, <see cref="StartFailed"/> or <see cref="BadConfiguration"/>.</returns>
    public static async Task<int> RunAsync(string name, Func<WebApplication> build)
    {
        ArgumentNullException.ThrowIfNull(build);
        WebApplication? app = null;
        try
        {
            app = build();
            await app.StartAsync().ConfigureAwait(false);
            await app.WaitForShutdownAsync().ConfigureAwait(false);
            return 0;
        }
        catch (Exception failure) // The edge of the process: what stops a start becomes lines and an exit code, never a stack trace.
        {
            foreach (string line in Lines(failure))
                await Console.Error.WriteLineAsync($"{name}: {line}").ConfigureAwait(false);
            return IsConfiguration(failure) ? BadConfiguration : StartFailed;
        }
        finally
        {
            if (app is not null)
                await app.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static bool IsConfiguration(Exception failure) =>
        failure is OptionsValidationException or StartupException { InnerException: null }
        || failure is AggregateException several && several.InnerExceptions.All(IsConfiguration);

    private static IEnumerable<string> Lines(Exception failure) => failure switch
    {
        OptionsValidationException refused => refused.Failures.Select(OneLine),
        AggregateException several => several.InnerExceptions.SelectMany(Lines),
        StartupException or IOException => [OneLine(failure.Message)],
        _ => [OneLine($"{failure.GetType().Name}: {failure.Message}")],
    };

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
