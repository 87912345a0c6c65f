using System.CommandLine;
using System.Text.Json.Nodes;
using Veil.ClientCli.Evidence;
using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.ClientCli.Trust;

/// <summary><c>veil trust update</c>.</summary>
internal static class TrustCommand
{
    public static Command Create() => new("trust", "Look after the trust bundle that everything else hangs from.") { CreateUpdate() };

    private static Command CreateUpdate()
    {
        var next = new Argument<string>("bundle") { Description = "The bundle that is to follow." };
        var note = new Option<string>("--note") { Description = "The signatures over it, which came with it.", Required = true, HelpName = "FILE" };
        var trust = new Option<string>("--trust") { Description = "The trusted bundle; it is replaced.", Required = true, HelpName = "BUNDLE" };
        var json = EvidenceArguments.Json();
        var command = new Command("update", """
            Let a new trust bundle take the place of the one that is trusted, and say what changes.

            The authority's key and as many release signers of the trusted bundle as a release needs must have signed it; its serial must be higher; authority, log and
            the counting of epochs stay as they are. Otherwise nothing is replaced. Exit codes: 0 replaced, 1 refused, 2 wrong usage or a file that cannot be read.
            """)
        {
            next, note, trust, json,
        };
        command.SetAction((parse, _) => EvidenceArguments.RunAsync(() => UpdateAsync(parse.GetValue(next)!, parse.GetValue(note)!, parse.GetValue(trust)!, parse.GetValue(json))));
        return command;
    }

    private static async Task<int> UpdateAsync(string nextPath, string notePath, string trustPath, bool json)
    {
        byte[] source = await File.ReadAllBytesAsync(nextPath).ConfigureAwait(false);
        byte[] note = await File.ReadAllBytesAsync(notePath).ConfigureAwait(false);
        if (!TrustBundle.TryParse(await File.ReadAllBytesAsync(trustPath).ConfigureAwait(false), out TrustBundle? current, out string broken))
        {
            throw new EvidenceException($"{trustPath}: {broken}.");
        }

        bool follows = BundleSuccession.TryFollow(current, source, note, out TrustBundle? next, out string problem);
        string[] changes = next is null ? [] : [.. Changes(current, next)];
        if (next is not null)
        {
            Replace(trustPath, source);
        }

        string text = json
            ? new JsonObject { ["replaced"] = follows, ["problem"] = follows ? null : problem, ["changes"] = new JsonArray([.. changes.Select(change => JsonValue.Create(change))]) }.ToJsonString()
            : follows ? string.Join('\n', [$"{trustPath} is now serial {next!.Serial} of {next.Authority}", .. changes])
            : $"refused: {problem}. {trustPath} stays as it is.";
        await Console.Out.WriteLineAsync(text).ConfigureAwait(false);
        return follows ? ExitCode.Done : ExitCode.Failed;
    }

    /// <summary>Whole under its name at once: whoever reads it finds the old bundle or the new one.</summary>
    private static void Replace(string path, byte[] bundle)
    {
        string written = $"{path}.{Guid.NewGuid():n}";
        using (var file = new FileStream(written, FileMode.CreateNew, FileAccess.Write))
        {
            file.Write(bundle);
            file.Flush(flushToDisk: true);
        }

        File.Move(written, path, overwrite: true);
    }

    private static IEnumerable<string> Changes(TrustBundle current, TrustBundle next)
    {
        IEnumerable<string> lines =
        [
            .. Keys("log key", [current.LogKey], [next.LogKey]),
            .. Keys("authority key", [current.AuthorityKey], [next.AuthorityKey]),
            .. Keys("witness", current.Witnesses, next.Witnesses),
            .. Keys("release signer", current.ReleaseSigners, next.ReleaseSigners),
            Number("witnesses needed", current.WitnessThreshold, next.WitnessThreshold),
            Number("release signers needed", current.ReleaseThreshold, next.ReleaseThreshold),
            Number("seconds before a release counts", current.ReleaseMaturity.TotalSeconds, next.ReleaseMaturity.TotalSeconds),
        ];
        return lines.Where(line => line.Length > 0);
    }

    private static IEnumerable<string> Keys(string what, IReadOnlyList<NoteVerifierKey> before, IReadOnlyList<NoteVerifierKey> after)
    {
        HashSet<string> old = [.. before.Select(key => key.ToString())];
        HashSet<string> now = [.. after.Select(key => key.ToString())];
        return [.. old.Except(now).Select(key => $"- {what} {key}"), .. now.Except(old).Select(key => $"+ {what} {key}")];
    }

    private static string Number(string what, double before, double after) => before == after ? "" : FormattableString.Invariant($"  {what} {before} -> {after}");
}
