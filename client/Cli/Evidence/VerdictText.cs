using System.Text;
using Veil.Attestation;

namespace Veil.ClientCli.Evidence;

/// <summary>A verdict as text for people: for each check the value found, under it what was wanted and where it was found, and after a failure what is nearest.</summary>
internal static class VerdictText
{
    private const string Margin = "                                "; // Mark and name, so that what explains a value stands under it.

    /// <summary>The whole tree and the outcome.</summary>
    public static string Write(Verdict verdict)
    {
        var text = new StringBuilder();
        foreach (CheckGroup group in verdict.Root.Groups)
        {
            WriteGroup(text, group, depth: 0);
        }

        foreach (AppraisalCheck check in verdict.Root.Checks)
        {
            WriteCheck(text, check, string.Empty);
        }

        return text.Append(Outcome(verdict)).ToString();
    }

    /// <summary>"verdict  passed but for revocation-list" or "verdict  refused: debug".</summary>
    public static string Outcome(Verdict verdict) => $"verdict  {(verdict.Passed ? verdict.ToString() : $"refused: {verdict}")}";

    private static void WriteGroup(StringBuilder text, CheckGroup group, int depth)
    {
        string indent = new(' ', 2 * depth);
        text.Append(indent).AppendLine(group.Name);
        foreach (AppraisalCheck check in group.Checks)
        {
            WriteCheck(text, check, indent + "  ");
        }

        foreach (CheckGroup child in group.Groups)
        {
            WriteGroup(text, child, depth + 1);
        }
    }

    private static void WriteCheck(StringBuilder text, AppraisalCheck check, string indent)
    {
        string mark = check.Outcome switch
        {
            CheckOutcome.Passed => "ok    ",
            CheckOutcome.Gap => "gap   ",
            _ => "FAILED",
        };
        text.AppendLine($"{indent}{mark}  {check.Name,-22}  {OneLine.Of(check.Found)}");
        text.AppendLine($"{indent}{Margin}wanted   {OneLine.Of(check.Wanted)}");
        text.AppendLine($"{indent}{Margin}source   {OneLine.Of(check.Source)}");
        if (check.Nearest is { } nearest)
        {
            text.AppendLine($"{indent}{Margin}nearest  {OneLine.Of(nearest)}");
        }
    }
}
