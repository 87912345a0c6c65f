using Veil.Attestation.Nvidia;
using Veil.Attestation.Tdx;

namespace Veil.Attestation;

/// <summary>
/// Appraises evidence without host claims, for people who want to know what a machine, or a GPU alone, says. Nothing but a verdict comes out: no route or seal can rest on it.
/// </summary>
public static class EvidenceAppraisal
{
    /// <summary>What any genuine machine passes that cannot be debugged.</summary>
    internal static AppraisalPolicy Hardware { get; } = new()
    {
        Service = string.Empty,
        Snp = new() { MaxVmpl = 3, AllowProvisionalFirmware = true, AllowMigration = true, ForbiddenGuestPolicy = 0 },
        Tdx = new() { TcbStatuses = Enum.GetValues<TcbStatus>(), RequiredAttributes = 0, ForbiddenAttributes = 0, RequireCrl = false },
        Gpu = new() { AllowMissingReferenceValues = true },
    };

    /// <summary>Appraises evidence by a policy.</summary>
    /// <param name="evidence">Untrusted.</param>
    /// <param name="endorsements">Untrusted.</param>
    /// <param name="policy">What is accepted; its service and claims' times are not asked for.</param>
    /// <param name="reportData">What the report has to be over, a GPU's nonce; null, which nothing passes, where that is not known.</param>
    /// <param name="context">The verifier's time and memory.</param>
    public static Verdict Appraise(Evidence evidence, IReadOnlyList<Endorsement> endorsements, AppraisalPolicy policy, ReadOnlyMemory<byte>? reportData, AppraisalContext context)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return Appraise(evidence, endorsements, policy, reportData, context, isHardwareOnly: false);
    }

    /// <summary>
    /// Appraises the hardware alone, against the manufacturers' own roots: form, signatures, chain, revocation, firmware that the key is for, debugging. What
    /// software it is, who holds a shared key and what the report is over are gaps unless they are given.
    /// </summary>
    /// <param name="evidence">Untrusted.</param>
    /// <param name="endorsements">Untrusted.</param>
    /// <param name="reportData">What the report has to be over, or null.</param>
    /// <param name="context">The verifier's time and memory.</param>
    public static Verdict AppraiseHardware(Evidence evidence, IReadOnlyList<Endorsement> endorsements, ReadOnlyMemory<byte>? reportData, AppraisalContext context) =>
        Appraise(evidence, endorsements, Hardware, reportData, context, isHardwareOnly: true);

    private static Verdict Appraise(
        Evidence evidence, IReadOnlyList<Endorsement> endorsements, AppraisalPolicy policy, ReadOnlyMemory<byte>? reportData, AppraisalContext context, bool isHardwareOnly)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        ArgumentNullException.ThrowIfNull(endorsements);
        ArgumentNullException.ThrowIfNull(context);
        var checks = new VerdictBuilder();
        if (evidence.MediaType == GpuReport.MediaType && policy.Gpu is { } gpu)
        {
            using (checks.Open(GroupNames.Gpu))
            {
                ReadOnlyMemory<byte>[] chain = [.. endorsements.Where(endorsement => endorsement.MediaType == Endorsement.CertificateMediaType).Select(endorsement => endorsement.Bytes)];
                GpuAppraisal.Appraise(evidence.Bytes.Span, chain, gpu, reportData, context.Now, isHardwareOnly, checks);
            }

            return checks.ToVerdict();
        }

        EvidenceAppraiser.Appraise(evidence, endorsements, policy, new(reportData, isHardwareOnly, context.Now, context.Known), checks);
        return checks.ToVerdict();
    }
}
