namespace Veil.Attestation;

/// <summary>All checks of one appraisal as a tree. A check that needs an earlier one to pass is absent when that one failed.</summary>
public sealed class Verdict
{
    internal Verdict(CheckGroup root, IReadOnlyList<AppraisalCheck> checks, IReadOnlyList<Deadline> deadlines)
    {
        Root = root;
        Checks = checks;
        Deadlines = deadlines;
    }

    /// <summary>The tree; its root has no name.</summary>
    public CheckGroup Root { get; }

    /// <summary>All checks of the tree in the order in which they were made.</summary>
    public IReadOnlyList<AppraisalCheck> Checks { get; }

    /// <summary>When checks that pass by time stop to do so, the earliest first.</summary>
    public IReadOnlyList<Deadline> Deadlines { get; }

    /// <summary>True when there were checks and none failed. Gaps are those that the policy accepts by name; see <see cref="Gaps"/>.</summary>
    public bool Passed => Checks.Count > 0 && !Failures.Any();

    /// <summary>The checks that failed.</summary>
    public IEnumerable<AppraisalCheck> Failures => Checks.Where(check => check.Outcome is CheckOutcome.Failed);

    /// <summary>What nothing judged.</summary>
    public IEnumerable<AppraisalCheck> Gaps => Checks.Where(check => check.Outcome is CheckOutcome.Gap);

    /// <summary>"passed", "passed but for" and the names of the gaps, or the names of the failed checks: fit for a log.</summary>
    public override string ToString() =>
        !Passed ? Names(Failures)
        : Gaps.Any() ? $"passed but for {Names(Gaps)}"
        : "passed";

    private static string Names(IEnumerable<AppraisalCheck> checks) => string.Join(' ', checks.Select(check => check.Name).Distinct(StringComparer.Ordinal));
}
