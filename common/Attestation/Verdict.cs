namespace Veil.Attestation;

/// <summary>All checks of one appraisal in the order in which they were made. A check that needs an earlier one to pass is absent when that one failed.</summary>
public sealed class Verdict
{
    internal Verdict(IReadOnlyList<AppraisalCheck> checks) => Checks = checks;

    /// <summary>The checks.</summary>
    public IReadOnlyList<AppraisalCheck> Checks { get; }

    /// <summary>True when there were checks and each passed.</summary>
    public bool Passed => Checks.Count > 0 && Checks.All(check => check.Passed);

    /// <summary>The checks that failed.</summary>
    public IEnumerable<AppraisalCheck> Failures => Checks.Where(check => !check.Passed);

    /// <summary>The names of the failed checks, or "passed": fit for a log.</summary>
    public override string ToString() => Passed ? "passed" : string.Join(' ', Failures.Select(check => check.Name));
}
