using System.CommandLine;
using Veil.ClientCli.Evidence;
using Veil.Transparency.Epochs;

namespace Veil.ClientCli.Log;

/// <summary><c>veil log verify</c>.</summary>
internal static class LogCommand
{
    public static Command Create() => new("log", "Check what an authority's transparency log says.") { CreateVerify() };

    private static Command CreateVerify()
    {
        var file = new Argument<string>("file") { Description = "An epoch package (what a relay mirrors), a tlog-proof, or a checkpoint." };
        var trust = new Option<string>("--trust") { Description = "The authority's trust bundle.", Required = true, HelpName = "BUNDLE" };
        var entry = new Option<string?>("--entry") { Description = "The entry that a tlog-proof is of.", HelpName = "FILE" };
        var at = EvidenceArguments.At();
        var tolerance = new Option<TimeSpan>("--clock-tolerance")
        {
            Description = "How far this machine's clock may be off, for an epoch package. Default 5 minutes.",
            DefaultValueFactory = _ => TimeSpan.FromMinutes(5),
        };
        var json = EvidenceArguments.Json();
        var command = new Command("verify", """
            Check a file from an authority's log against its trust bundle, without a network.

            An epoch package must pass every rule that a client applies. A tlog-proof must prove its entry under a witnessed checkpoint. A checkpoint must be signed by
            the log and cosigned by enough witnesses. Exit codes: 0 verified, 1 refused, 2 wrong usage or a file that cannot be read.
            """)
        {
            file, trust, entry, at, tolerance, json,
        };
        command.SetAction((parse, _) => EvidenceArguments.RunAsync(async () =>
        {
            TrustBundle bundle = ReadBundle(parse.GetValue(trust)!);
            byte[] bytes = await File.ReadAllBytesAsync(parse.GetValue(file)!).ConfigureAwait(false);
            byte[]? proven = parse.GetValue(entry) is { } path ? await File.ReadAllBytesAsync(path).ConfigureAwait(false) : null;
            DateTimeOffset now = parse.GetValue(at) ?? TimeProvider.System.GetUtcNow();
            LogVerdict verdict = LogVerdict.Judge(bytes, proven, bundle, now, parse.GetValue(tolerance));
            await Console.Out.WriteLineAsync(parse.GetValue(json) ? verdict.ToJson() : verdict.ToText()).ConfigureAwait(false);
            return verdict.IsVerified ? ExitCode.Done : ExitCode.Failed;
        }));
        return command;
    }

    private static TrustBundle ReadBundle(string path) => TrustBundle.TryParse(File.ReadAllBytes(path), out TrustBundle? bundle, out string problem)
        ? bundle
        : throw new EvidenceException($"{path}: {problem}.");
}
