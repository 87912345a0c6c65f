using System.Text.Json.Nodes;
using Veil.Attestation;

namespace Veil.ClientCli.Evidence;

/// <summary>What becomes of one host as things are, and under what comes next.</summary>
/// <param name="Name">Its path.</param>
/// <param name="Current">By the policy and with the endorsements of now.</param>
/// <param name="Terms">What comes next.</param>
/// <param name="Next">By what comes next; null where that changes nothing for it.</param>
internal sealed record HostOutlook(string Name, Prospect Current, NextTerms Terms, Prospect? Next)
{
    /// <summary>True when nothing refuses it, now, in the time looked at, or by what comes next.</summary>
    public bool IsAccepted => Current.IsAccepted && Next is not { IsAccepted: false };

    /// <summary>Judges the evidence until <paramref name="horizon"/>, as things are and by what comes next.</summary>
    public static HostOutlook Of(EvidenceFile host, AppraisalPolicy? policy, NextTerms terms, DateTimeOffset now, DateTimeOffset horizon) =>
        new(host.Name, Prospect.Of(host, policy, now, horizon), terms, terms.Of(host, policy, now, horizon));

    /// <summary>One line for each thing that refuses the host, or one that nothing does. An end that comes next as it comes now is told once.</summary>
    public override string ToString()
    {
        string name = Path.GetFileName(Name.TrimEnd(Path.DirectorySeparatorChar));
        List<string> lines = [.. Current.Lines("now", "after")];
        if (Next is { } next)
        {
            bool isSameEnd = next.First == Current.First && next.FailsThen?.Name == Current.FailsThen?.Name;
            lines.AddRange((isSameEnd ? next with { First = null } : next).Lines($"by the {Terms.Name}", $"by the {Terms.Name} after"));
        }

        return string.Join(Environment.NewLine, (lines.Count == 0 ? ["accepted"] : lines).Select(line => $"{name}: {line}"));
    }

    /// <summary>The same for programs: <c>{"host":…,"accepted":…,"refused_now":[…],"refused_after":{…},"next":{"refused_now":[…],"refused_after":{…}}}</c>.</summary>
    public JsonObject ToJson()
    {
        JsonObject json = Current.AddTo(new() { ["host"] = Name, ["accepted"] = IsAccepted });
        json["next"] = Next?.AddTo([]);
        return json;
    }
}
