using System.Security.Cryptography;

namespace Veil.Attestation.Snp;

/// <summary>
/// Appraises SEV-SNP evidence in the order: form, signing key, chain to a pinned root at the given time, revocation list, endorsement matches the
/// report, signature, bound value, policy. A step that later ones rest on ends the appraisal when it fails.
/// </summary>
internal static class SnpAppraiser
{
    /// <summary>Adds this evidence's checks to <paramref name="checks"/>.</summary>
    /// <returns>The instant at which the endorsements end, or null when a check failed that others rest on.</returns>
    public static DateTimeOffset? Appraise(Evidence evidence, IReadOnlyList<Endorsement> endorsements, SnpPolicy policy, AppraisalScope scope, VerdictBuilder checks)
    {
        SnpReport? report;
        using (checks.Open(GroupNames.Evidence))
        {
            bool parsed = SnpReport.TryParse(evidence.Bytes.Span, out report, out AttestationError error);
            if (!checks.CheckParsed(CheckNames.ReportFormat, parsed, error, "report") || report is null || !CheckSigningKey(report, policy, scope, checks))
            {
                return null;
            }
        }

        AmdEndorsements? endorsed;
        using (checks.Open(GroupNames.Endorsements))
        {
            endorsed = AmdEndorsements.Appraise(report, endorsements, policy, scope, checks);
            if (endorsed is null)
            {
                return null;
            }
        }

        using (checks.Open(GroupNames.Evidence))
        {
            bool signature = scope.Known.Load(endorsed.Key) is { IsP256: false } key && key.Verify(report.SignedBytes, report.GetSignature());
            checks.Check(CheckNames.ReportSignature, signature, "ECDSA P-384", "signed by the endorsement key", "report 0x2a0");
            CheckReportData(report, scope, checks);
        }

        using (checks.Open(GroupNames.Policy))
        {
            SnpPolicyChecks.Appraise(report, endorsed.Product, policy, scope, checks);
        }

        return endorsed.Ends;
    }

    private static bool CheckSigningKey(SnpReport report, SnpPolicy policy, AppraisalScope scope, VerdictBuilder checks)
    {
        bool vlek = policy.VlekProviders.Count > 0 || scope.IsHardwareOnly;
        bool signed = !report.IsSignatureMasked && (report.SigningKey is SnpSigningKey.Vcek || (report.SigningKey is SnpSigningKey.Vlek && vlek));
        return checks.Check(CheckNames.SigningKey, signed, report.IsSignatureMasked ? "masked" : report.SigningKey.ToString(), vlek ? "Vcek or Vlek" : "Vcek", "report 0x048", "Vcek");
    }

    private static void CheckReportData(SnpReport report, AppraisalScope scope, VerdictBuilder checks)
    {
        string found = Convert.ToHexStringLower(report.ReportData);
        if (scope.BoundValue is { } boundValue)
        {
            checks.Check(CheckNames.ReportData, CryptographicOperations.FixedTimeEquals(report.ReportData, boundValue.Span), found, Convert.ToHexStringLower(boundValue.Span), "report 0x050");
        }
        else
        {
            checks.Gap(CheckNames.ReportData, scope.IsHardwareOnly, found, "a value that the caller knows", "report 0x050");
        }
    }
}
