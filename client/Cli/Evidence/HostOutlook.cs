using System.Globalization;
using System.Text.Json.Nodes;
using Veil.Attestation;

namespace Veil.ClientCli.Evidence;

/// <summary>What becomes of one host: the checks that refuse it now, the first instant at which one will, and what the next policy says.</summary>
internal sealed record HostOutlook(string Name, Verdict Now, Deadline? First, AppraisalCheck? FailsThen, Verdict? Next)
{
    /// <summary>True when nothing refuses it, now, in the time looked at, or by the next policy.</summary>
    public bool IsAccepted => Now.Passed && First is null && Next is not { Passed: false };

    /// <summary>Judges the evidence now, one second after each deadline until <paramref name="horizon"/>, and by the next policy.</summary>
    public static HostOutlook Of(EvidenceFile host, AppraisalPolicy? policy, AppraisalPolicy? nextPolicy, DateTimeOffset now, DateTimeOffset horizon)
    {
        Verdict verdict = Judge(host, policy, now);
        Deadline? first = null;
        AppraisalCheck? fails = null;
        foreach (Deadline deadline in verdict.Passed ? verdict.Deadlines.Where(deadline => deadline.At >= now && deadline.At < horizon) : [])
        {
            fails = Judge(host, policy, deadline.At.AddSeconds(1)).Failures.FirstOrDefault();
            if (fails is not null)
            {
                first = deadline;
                break;
            }
        }

        return new(host.Name, verdict, first, fails, nextPolicy is null ? null : Judge(host, nextPolicy, now));
    }

    /// <summary>One line for each thing that refuses the host, or one that nothing does.</summary>
    public override string ToString()
    {
        string name = Path.GetFileName(Name.TrimEnd(Path.DirectorySeparatorChar));
        var lines = new List<string>();
        lines.AddRange(Now.Failures.Select(check => $"{name}: refused now: {Explain(check)}"));
        if (First is { } first)
        {
            lines.Add($"{name}: refused after {first.At.UtcDateTime.ToString("u", CultureInfo.InvariantCulture)}: {FailsThen!.Name} ({first.Source})");
        }

        lines.AddRange((Next?.Failures ?? []).Select(check => $"{name}: refused by the next policy: {Explain(check)}"));
        return lines.Count == 0 ? $"{name}: accepted" : string.Join(Environment.NewLine, lines);
    }

    /// <summary>The same for programs.</summary>
    public JsonObject ToJson() => new()
    {
        ["host"] = Name,
        ["accepted"] = IsAccepted,
        ["refused_now"] = Names(Now),
        ["refused_after"] = First is { } first ? new JsonObject { ["at"] = first.At, ["check"] = FailsThen!.Name, ["source"] = first.Source } : null,
        ["refused_by_next_policy"] = Next is null ? null : Names(Next),
    };

    /// <summary>The evidence alone: claims end with their epoch, whatever the machine.</summary>
    private static Verdict Judge(EvidenceFile host, AppraisalPolicy? policy, DateTimeOffset at) => host.AppraiseMachine(policy, at);

    private static JsonArray Names(Verdict verdict) => [.. verdict.Failures.Select(check => check.Name).Distinct(StringComparer.Ordinal).Select(name => (JsonNode?)name)];

    private static string Explain(AppraisalCheck check) => $"{check.Name}: found {check.Found}, wanted {check.Wanted}{(check.Nearest is null ? "" : $", nearest {check.Nearest}")}";
}
