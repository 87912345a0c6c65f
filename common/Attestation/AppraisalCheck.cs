namespace Veil.Attestation;

/// <summary>One question that an appraisal asked.</summary>
/// <param name="Name">One of <see cref="CheckNames"/>; the only part that may be logged.</param>
/// <param name="Outcome">Whether the answer was the wanted one.</param>
/// <param name="Found">What there was, for the person who configures a policy. May hold a chip's identity: never log it.</param>
/// <param name="Wanted">What the policy, or the document that the check is from, asks for.</param>
/// <param name="Source">Where <paramref name="Found"/> comes from: "report 0x180", "VCEK 1.3.6.1.4.1.3704.1.3.8", "claims not_after".</param>
/// <param name="Nearest">After a refusal, the accepted value that is nearest to what was found; null where no value is nearer than others.</param>
public sealed record AppraisalCheck(string Name, CheckOutcome Outcome, string Found, string Wanted, string Source, string? Nearest = null)
{
    /// <summary>True when the answer was the wanted one; a gap is not.</summary>
    public bool Passed => Outcome is CheckOutcome.Passed;
}
