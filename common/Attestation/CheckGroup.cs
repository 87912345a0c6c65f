namespace Veil.Attestation;

/// <summary>Checks that belong together, and the groups under them: a node of a verdict's tree.</summary>
/// <param name="Name">One of <see cref="GroupNames"/>; empty for the root of the tree.</param>
/// <param name="Checks">Its own checks, in the order in which they were made.</param>
/// <param name="Groups">The groups under it, in the order in which they were opened.</param>
public sealed record CheckGroup(string Name, IReadOnlyList<AppraisalCheck> Checks, IReadOnlyList<CheckGroup> Groups)
{
    /// <summary>Its own checks and those of all groups under it.</summary>
    public IEnumerable<AppraisalCheck> AllChecks => Checks.Concat(Groups.SelectMany(group => group.AllChecks));

    /// <summary>Failed when any check failed, else a gap when there is one, else passed.</summary>
    public CheckOutcome Outcome =>
        AllChecks.Any(check => check.Outcome is CheckOutcome.Failed) ? CheckOutcome.Failed
        : AllChecks.Any(check => check.Outcome is CheckOutcome.Gap) ? CheckOutcome.Gap
        : CheckOutcome.Passed;
}
