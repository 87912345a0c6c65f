using Veil.Attestation;

namespace Veil.Fuzz.Targets;

/// <summary>Any bytes are a policy that accepts something, or are refused with a reason.</summary>
public static class AppraisalPolicyTarget
{
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        bool parsed = AppraisalPolicy.TryParse(input.ToArray(), out AppraisalPolicy? policy, out IReadOnlyList<string> problems);
        if (parsed != (problems.Count == 0) || (policy?.Snp is { } snp && (snp.TrustedRoots.Count == 0 || snp.Measurements.Count + snp.Signers.Count == 0)))
            throw new InvalidOperationException("A policy was refused without a reason, or accepts nothing.");
    }
}
