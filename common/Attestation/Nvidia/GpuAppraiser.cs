using System.Security.Cryptography;

namespace Veil.Attestation.Nvidia;

/// <summary>Appraises the GPUs of a host: that what they say is what the claims name, and each of them by the policy.</summary>
internal static class GpuAppraiser
{
    /// <summary>Adds the checks of a record's GPUs to <paramref name="checks"/>; none where neither the claims nor the policy speak of any.</summary>
    /// <returns>The instant at which the first of the chains ends; the end of time where there is none.</returns>
    public static DateTimeOffset Appraise(HostClaims claims, IReadOnlyList<Endorsement> endorsements, GpuPolicy? policy, DateTimeOffset now, VerdictBuilder checks)
    {
        ReadOnlySpan<byte> claimed = claims.GpuEvidenceDigest.Span;
        if (policy is null && claimed.IsEmpty)
        {
            return DateTimeOffset.MaxValue;
        }

        using (checks.Open(GroupNames.Gpu))
        {
            string digest = claimed.IsEmpty ? "none" : Convert.ToHexStringLower(claimed);
            if (policy is null)
            {
                // The measured guest says that it verified its GPUs; this relying party did not ask.
                checks.Gap(CheckNames.GpuEvidence, accepted: true, digest, "a policy for GPUs", "claims gpu_evidence_digest");
                return DateTimeOffset.MaxValue;
            }

            bool isNamed = !claimed.IsEmpty && CryptographicOperations.FixedTimeEquals(claimed, GpuEvidence.Digest(endorsements, claimed.Length));
            if (!checks.Check(CheckNames.GpuEvidence, isNamed, digest, "the digest of the GPU evidence in the record", "claims gpu_evidence_digest"))
            {
                return DateTimeOffset.MaxValue;
            }

            byte[] nonce = GpuEvidence.Nonce(claims.TlsSpkiSha256.Span);
            DateTimeOffset ends = DateTimeOffset.MaxValue;
            int count = 0;
            foreach (Endorsement endorsement in endorsements.Where(endorsement => endorsement.MediaType == GpuEvidence.MediaType))
            {
                count++;
                bool parsed = GpuEvidence.TryParse(endorsement.Bytes, out GpuEvidence? evidence);
                if (checks.CheckParsed(CheckNames.ReportFormat, parsed, AttestationError.BadLength, $"GPU {count}") && evidence is not null)
                {
                    DateTimeOffset end = GpuAppraisal.Appraise(evidence.Report.Span, evidence.Chain, policy, nonce, now, isHardwareOnly: false, checks);
                    ends = end < ends ? end : ends;
                }
            }

            checks.Check(CheckNames.GpuCount, count >= policy.MinimumCount, $"{count}", $"at least {policy.MinimumCount}", "record endorsements");
            return ends;
        }
    }
}
