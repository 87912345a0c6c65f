using Veil.Attestation.Snp;
using Veil.Attestation.Tdx;

namespace Veil.Attestation;

/// <summary>One appraiser for each kind of evidence; a kind without a policy of its own is refused, so that no peer can choose it.</summary>
internal static class EvidenceAppraiser
{
    /// <summary>Adds the checks of this evidence to <paramref name="checks"/>.</summary>
    /// <returns>The instant at which the endorsements end, or null when a check failed that others rest on.</returns>
    public static DateTimeOffset? Appraise(Evidence evidence, IReadOnlyList<Endorsement> endorsements, AppraisalPolicy policy, AppraisalScope scope, VerdictBuilder checks)
    {
        string kind = evidence.MediaType;
        bool isSnp = kind == SnpReport.MediaType && policy.Snp is not null;
        bool isTdx = kind == TdxQuote.MediaType && policy.Tdx is not null;
        using (checks.Open(GroupNames.Evidence))
        {
            if (!checks.Check(CheckNames.EvidenceType, isSnp || isTdx, kind, "a kind that the policy describes", "evidence media type"))
            {
                return null;
            }
        }

        return isSnp
            ? SnpAppraiser.Appraise(evidence, endorsements, policy.Snp!, scope, checks)
            : TdxAppraiser.Appraise(evidence, endorsements, policy.Tdx!, scope, checks);
    }
}
