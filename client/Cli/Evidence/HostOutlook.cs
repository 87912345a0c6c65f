using System.Text.Json.Nodes;
using Veil.Attestation;

namespace Veil.ClientCli.Evidence;

/// <summary>What becomes of one host as things are, and under what comes next.</summary>
/// <param name="Name">Its path.</param>
/// <param name="Current">By the policy and with the endorsements of now; null where the host cannot be read.</param>
/// <param name="Terms">What comes next.</param>
/// <param name="Next">By what comes next; null where that changes nothing for it.</param>
/// <param name="Unreadable">Why the host cannot be read; null where it can.</param>
internal sealed record HostOutlook(string Name, Prospect? Current, NextTerms Terms, Prospect? Next, string? Unreadable = null)
{
    /// <summary>What stands in the place of a check's name where there is nothing to check.</summary>
    private const string UnreadableName = "unreadable";

    /// <summary>True when nothing refuses it, now, in the time looked at, or by what comes next.</summary>
    public bool IsAccepted => Current is { IsAccepted: true } && Next is not { IsAccepted: false };

    /// <summary>Judges a host until <paramref name="horizon"/>, as things are and by what comes next. One that cannot be read is refused, as whoever it shows itself to would.</summary>
    public static HostOutlook Of(string path, AppraisalPolicy? policy, NextTerms terms, DateTimeOffset now, DateTimeOffset horizon)
    {
        EvidenceFile host;
        try
        {
            host = EvidenceFile.Open(path, []);
        }
        catch (Exception problem) when (problem is EvidenceException or IOException or UnauthorizedAccessException)
        {
            string prefix = $"{path}: ";
            string reason = problem.Message.StartsWith(prefix, StringComparison.Ordinal) ? problem.Message[prefix.Length..] : problem.Message;
            return new(path, null, terms, null, reason);
        }

        return new(path, Prospect.Of(host, policy, now, horizon), terms, terms.Of(host, policy, now, horizon));
    }

    /// <summary>One line for each thing that refuses the host, or one that nothing does. An end that comes next as it comes now is told once.</summary>
    public override string ToString()
    {
        string name = Path.GetFileName(Name.TrimEnd(Path.DirectorySeparatorChar));
        List<string> lines = Current is null ? [$"refused now: {UnreadableName}: {Unreadable}"] : [.. Current.Lines("now", "after")];
        if (Next is { } next)
        {
            bool isSameEnd = next.First == Current?.First && next.FailsThen?.Name == Current?.FailsThen?.Name;
            lines.AddRange((isSameEnd ? next with { First = null } : next).Lines($"by the {Terms.Name}", $"by the {Terms.Name} after"));
        }

        return string.Join(Environment.NewLine, (lines.Count == 0 ? ["accepted"] : lines).Select(line => OneLine.Of($"{name}: {line}")));
    }

    /// <summary>The same for programs: <c>{"host":…,"accepted":…,"refused_now":[…],"refused_after":{…},"next":{"refused_now":[…],"refused_after":{…}}}</c>, with a <c>"reason"</c> where the host cannot be read.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject { ["host"] = Name, ["accepted"] = IsAccepted };
        if (Current is null)
        {
            json["refused_now"] = new JsonArray(UnreadableName);
            json["refused_after"] = null;
            json["reason"] = Unreadable;
        }
        else
        {
            Current.AddTo(json);
        }

        json["next"] = Next?.AddTo([]);
        return json;
    }
}
