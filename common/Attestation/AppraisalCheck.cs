namespace Veil.Attestation;

/// <summary>One question that an appraisal asked.</summary>
/// <param name="Name">One of <see cref="CheckNames"/>; the only part that may be logged.</param>
/// <param name="Passed">Whether the answer was the wanted one.</param>
/// <param name="Found">What there was, for the person who configures a policy. May hold a chip's identity: never log it.</param>
/// <param name="Wanted">What the policy asks for.</param>
public sealed record AppraisalCheck(string Name, bool Passed, string Found, string Wanted);
