using System.Globalization;
using System.Text.Json.Nodes;
using Veil.Attestation;

namespace Veil.ClientCli.Evidence;

/// <summary>What becomes of one host under one policy and one set of endorsements: the checks that refuse it now, and the first instant after which one will.</summary>
internal sealed record Prospect(Verdict Now, Deadline? First, AppraisalCheck? FailsThen)
{
    /// <summary>True when nothing refuses it, now or in the time looked at.</summary>
    public bool IsAccepted => Now.Passed && First is null;

    /// <summary>Judges the machine now and one second after each deadline until <paramref name="horizon"/>. The evidence alone: claims end with their epoch, whatever the machine.</summary>
    public static Prospect Of(EvidenceFile host, AppraisalPolicy? policy, DateTimeOffset now, DateTimeOffset horizon)
    {
        Verdict verdict = host.AppraiseMachine(policy, now);
        Verdict latest = verdict;
        for (DateTimeOffset at = now; latest.Passed && latest.Deadlines.FirstOrDefault(deadline => deadline.At >= at) is { } deadline && deadline.At < horizon;)
        {
            at = deadline.At.AddSeconds(1);
            latest = host.AppraiseMachine(policy, at);
            if (latest.Failures.FirstOrDefault() is { } fails)
            {
                return new(verdict, deadline, fails);
            }
        }

        return new(verdict, null, null);
    }

    /// <summary>One line for each thing that refuses the host: <c>refused NOW: check: found …</c> and <c>refused AFTER 2026-03-30 12:00:00Z: check (source)</c>.</summary>
    public IEnumerable<string> Lines(string now, string after)
    {
        foreach (AppraisalCheck check in Now.Failures)
        {
            yield return $"refused {now}: {Explain(check)}";
        }

        if (First is { } first)
        {
            yield return $"refused {after} {first.At.UtcDateTime.ToString("u", CultureInfo.InvariantCulture)}: {FailsThen!.Name} ({first.Source})";
        }
    }

    /// <summary>Adds <c>"refused_now":[…],"refused_after":{…}</c>.</summary>
    public JsonObject AddTo(JsonObject json)
    {
        json["refused_now"] = new JsonArray([.. Now.Failures.Select(check => check.Name).Distinct(StringComparer.Ordinal).Select(name => (JsonNode?)name)]);
        json["refused_after"] = First is { } first ? new JsonObject { ["at"] = first.At, ["check"] = FailsThen!.Name, ["source"] = first.Source } : null;
        return json;
    }

    private static string Explain(AppraisalCheck check) => $"{check.Name}: found {check.Found}, wanted {check.Wanted}{(check.Nearest is null ? "" : $", nearest {check.Nearest}")}";
}
