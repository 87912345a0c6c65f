using System.Text.Json;
using System.Text.Json.Nodes;
using Veil.Attestation;

namespace Veil.ClientCli.Evidence;

/// <summary>A verdict as JSON for programs.</summary>
internal static class VerdictJson
{
    /// <summary><c>{"verdict":…,"at":…,"failed":[…],"gaps":[…],"groups":[…],"deadlines":[…]}</c>.</summary>
    public static JsonObject Write(Verdict verdict, DateTimeOffset at) => new()
    {
        ["verdict"] = verdict.Passed ? "passed" : "refused",
        ["at"] = at,
        ["failed"] = Names(verdict.Failures),
        ["gaps"] = Names(verdict.Gaps),
        ["groups"] = Groups(verdict.Root.Groups),
        ["deadlines"] = new JsonArray([.. verdict.Deadlines.Select(deadline => (JsonNode)new JsonObject
        {
            ["check"] = deadline.Name,
            ["at"] = deadline.At,
            ["source"] = deadline.Source,
        })]),
    };

    private static JsonArray Names(IEnumerable<AppraisalCheck> checks) => [.. checks.Select(check => check.Name).Distinct(StringComparer.Ordinal).Select(name => (JsonNode?)name)];

    private static JsonArray Groups(IReadOnlyList<CheckGroup> groups) => [.. groups.Select(group => (JsonNode?)new JsonObject
    {
        ["name"] = group.Name,
        ["outcome"] = Name(group.Outcome),
        ["checks"] = new JsonArray([.. group.Checks.Select(Check)]),
        ["groups"] = Groups(group.Groups),
    })];

    private static JsonNode Check(AppraisalCheck check)
    {
        var json = new JsonObject
        {
            ["name"] = check.Name,
            ["outcome"] = Name(check.Outcome),
            ["found"] = check.Found,
            ["wanted"] = check.Wanted,
            ["source"] = check.Source,
        };
        if (check.Nearest is { } nearest)
        {
            json["nearest"] = nearest;
        }

        return json;
    }

    private static string Name(CheckOutcome outcome) => JsonNamingPolicy.SnakeCaseLower.ConvertName(outcome.ToString());
}
