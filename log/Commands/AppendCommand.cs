using System.CommandLine;
using Microsoft.Extensions.Options;
using Veil.ServiceDefaults;
using Veil.Transparency;
using Veil.TransparencyLog.Publishing;
using Veil.TransparencyLog.Storage;

namespace Veil.TransparencyLog.Commands;

/// <summary><c>veil-log append FILE --index N</c>: what a publisher does, by hand, on a log that nobody serves at the moment.</summary>
internal static class AppendCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("file") { Description = "The entry: its bytes, 1 to 65,535." };
        var index = new Option<long>("--index") { Description = "Where it must stand: the log's size, or its place when the command runs again.", Required = true };
        var command = new Command("append", "Add an entry to a log whose server is stopped, have witnesses cosign, print the checkpoint. Configuration as for serve.") { file, index };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(async (parsed, cancellation) =>
        {
            try
            {
                byte[] entry = await File.ReadAllBytesAsync(parsed.GetValue(file)!.FullName, cancellation);
                if (entry.Length is 0 or > EntryBundle.MaxEntrySize)
                    return CommandOutput.Fail($"{parsed.GetValue(file)}: an entry has 1 to {EntryBundle.MaxEntrySize} bytes.");

                // Standard output is the checkpoint's alone: events go to standard error.
                Console.SetOut(Console.Error);
                await using WebApplication app = LogApp.Build([.. parsed.UnmatchedTokens]);
                return await AppendAsync(app.Services.GetRequiredService<LogWriter>(), new PendingAppend(parsed.GetValue(index), new LogEntry(entry)), cancellation);
            }
            catch (OptionsValidationException refused)
            {
                return CommandOutput.Fail(string.Join("; ", refused.Failures));
            }
            catch (Exception failure) when (failure is StartupException or IOException or UnauthorizedAccessException)
            {
                return CommandOutput.Fail(failure.Message);
            }
        });
        return command;
    }

    private static async Task<int> AppendAsync(LogWriter writer, PendingAppend append, CancellationToken cancellation)
    {
        await writer.StartAsync(cancellation);
        try
        {
            (AppendOutcome outcome, long size, byte[] checkpoint) = await writer.AppendAsync(append, cancellation);
            switch (outcome)
            {
                case AppendOutcome.Done:
                    await using (Stream output = Console.OpenStandardOutput())
                        await output.WriteAsync(checkpoint, cancellation);
                    return 0;
                case AppendOutcome.WrongIndex:
                    return CommandOutput.Fail($"nothing was added: the log has {size} entries, and not this one at {append.Index}.");
                case AppendOutcome.NotWitnessed:
                    return CommandOutput.Fail($"the entry is in the log at {append.Index}, and too few witnesses cosigned: run the same command again.");
                default:
                    return CommandOutput.Fail("the log's folder cannot be written; nothing was acknowledged.");
            }
        }
        finally
        {
            await writer.StopAsync(CancellationToken.None);
        }
    }
}
