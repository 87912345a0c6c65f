using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Veil.Attestation;

namespace Veil.ClientCli.Evidence;

/// <summary>What the commands about evidence have in common: arguments, and failures as clear lines.</summary>
internal static class EvidenceArguments
{
    /// <summary>--at: the time to judge at.</summary>
    public static Option<DateTimeOffset?> At() => new("--at")
    {
        Description = "Judge at this time instead of now, for example 2026-03-01T12:00:00Z.",
        CustomParser = result => ParseTime(result),
    };

    /// <summary>--endorsement: files of certificates and revocation lists.</summary>
    public static Option<string[]> Endorsements() => new("--endorsement")
    {
        Description = "Certificate or revocation list for a bare report, DER or PEM; repeat it for each. Default: those that lie beside the report.",
    };

    /// <summary>--json.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print one line of JSON." };

    /// <summary>Reads a policy file; null where none is named.</summary>
    /// <exception cref="EvidenceException">It cannot be used.</exception>
    public static AppraisalPolicy? ReadPolicy(string? path)
    {
        if (path is null)
        {
            return null;
        }

        byte[] json;
        try
        {
            json = File.ReadAllBytes(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new EvidenceException($"{path}: cannot be read.");
        }

        return AppraisalPolicy.TryParse(json, out AppraisalPolicy? policy, out IReadOnlyList<string> problems)
            ? policy
            : throw new EvidenceException(string.Join('\n', problems.Select(problem => $"{path}: {problem}")));
    }

    /// <summary>Runs a command's work; what cannot be read or written becomes a line each and the code for wrong usage.</summary>
    public static async Task<int> RunAsync(Func<Task<int>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (EvidenceException problem)
        {
            foreach (string line in problem.Message.Split('\n'))
            {
                await Console.Error.WriteLineAsync($"veil: {line}").ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"veil: {failure.Message}").ConfigureAwait(false);
        }

        return ExitCode.Usage;
    }

    private static DateTimeOffset? ParseTime(ArgumentResult result)
    {
        string text = result.Tokens.Single().Value;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time))
        {
            return time;
        }

        result.AddError($"--at: found \"{text}\", which is no time.");
        return null;
    }
}
