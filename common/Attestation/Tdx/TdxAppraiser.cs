using System.Security.Cryptography;

namespace Veil.Attestation.Tdx;

/// <summary>
/// Appraises TDX evidence in the order: form, PCK chain to a pinned root, collateral, revocation, the quoting enclave and its key, the quote's signature, bound value,
/// Intel's evaluation, policy. A step that later ones rest on ends the appraisal when it fails.
/// </summary>
internal static class TdxAppraiser
{
    private static readonly byte[] IntelVendor = Convert.FromHexString("939a7233f79c4ca9940a0db3957f0607");

    /// <summary>Adds this evidence's checks to <paramref name="checks"/>.</summary>
    /// <returns>The instant at which the endorsements end, or null when a check failed that others rest on.</returns>
    public static DateTimeOffset? Appraise(Evidence evidence, IReadOnlyList<Endorsement> endorsements, TdxPolicy policy, AppraisalScope scope, VerdictBuilder checks)
    {
        TdxQuote? quote;
        using (checks.Open(GroupNames.Evidence))
        {
            bool parsed = TdxQuote.TryParse(evidence.Bytes, out quote, out AttestationError error);
            if (error is AttestationError.SgxNotAccepted)
            {
                checks.Check(CheckNames.ReportFormat, passed: false, "SGX evidence", "a TDX quote; SGX evidence is not accepted", "quote");
                return null;
            }

            if (!checks.CheckParsed(CheckNames.ReportFormat, parsed, error, "quote") || quote is null
                || !checks.Check(CheckNames.SigningKey, quote.Vendor.SequenceEqual(IntelVendor), Convert.ToHexStringLower(quote.Vendor), Convert.ToHexStringLower(IntelVendor), "quote 12"))
            {
                return null;
            }
        }

        TdxEndorsements? endorsed;
        using (checks.Open(GroupNames.Endorsements))
        {
            endorsed = TdxEndorsements.Appraise(quote, endorsements, policy, scope, checks);
            if (endorsed is null)
            {
                return null;
            }
        }

        using (checks.Open(GroupNames.Evidence))
        {
            CheckSignatures(quote, endorsed, scope, checks);
            CheckReportData(quote.Report, scope, checks);
        }

        using (checks.Open(GroupNames.Endorsements))
        {
            CheckPlatform(quote, endorsed, policy, checks);
        }

        using (checks.Open(GroupNames.Policy))
        {
            TdxPolicyChecks.Appraise(quote.Report, policy, scope, checks);
        }

        return endorsed.Ends;
    }

    private static void CheckSignatures(TdxQuote quote, TdxEndorsements endorsed, AppraisalScope scope, VerdictBuilder checks)
    {
        // Each of the three alone would let a forger put in a key, an enclave or a report of their own.
        bool enclave = scope.Known.Load(endorsed.Chain.Leaf) is { IsP256: true } pck && pck.Verify(quote.EnclaveReport.Bytes.Span, quote.EnclaveSignature.Span);
        checks.Check(CheckNames.EnclaveSignature, enclave, "ECDSA P-256", "signed by the PCK", "quote enclave report signature");

        // Its hash would name the machine wherever the verdict is shown.
        bool isBound = quote.IsKeyBound();
        checks.Check(CheckNames.EnclaveKey, isBound, isBound ? "the quote's key" : "another key", "SHA-256 of the quote's attestation key and authentication data", "enclave report 320");
        bool signature = scope.Known.LoadPoint(quote.AttestationKey.Span) is { } key && key.Verify(quote.SignedBytes.Span, quote.Signature.Span);
        checks.Check(CheckNames.ReportSignature, signature, "ECDSA P-256", "signed by the attestation key", "quote signature");
    }

    private static void CheckReportData(TdReport report, AppraisalScope scope, VerdictBuilder checks)
    {
        const string Source = "TD report 520";
        string found = Convert.ToHexStringLower(report.ReportData);
        if (scope.BoundValue is { } boundValue)
        {
            checks.Check(CheckNames.ReportData, CryptographicOperations.FixedTimeEquals(report.ReportData, boundValue.Span), found, Convert.ToHexStringLower(boundValue.Span), Source);
        }
        else
        {
            checks.Gap(CheckNames.ReportData, scope.IsHardwareOnly, found, "a value that the caller knows", Source);
        }
    }

    private static void CheckPlatform(TdxQuote quote, TdxEndorsements endorsed, TdxPolicy policy, VerdictBuilder checks)
    {
        EnclaveReport enclave = quote.EnclaveReport;
        TcbOutcome? enclaveOutcome = endorsed.Identity.Matches(enclave) ? endorsed.Identity.OutcomeOf(enclave) : null;
        string enclaveFound = $"{Convert.ToHexStringLower(enclave.Signer)}, product {enclave.ProductId}, level {enclave.Svn}";
        checks.Check(CheckNames.EnclaveIdentity, enclaveOutcome is not null, enclaveFound, "the enclave of the identity, at one of its levels", "enclave report");

        TdReport report = quote.Report;
        TcbEvaluation evaluation = TcbEvaluation.Of(report, endorsed.Platform, endorsed.Info, enclaveOutcome);
        string module = $"TDX_{report.TcbSvn[1]:X2}, signer {Convert.ToHexStringLower(report.SeamSigner)}, attributes {Convert.ToHexStringLower(report.SeamAttributes)}";
        checks.Check(CheckNames.Module, evaluation.IsModuleKnown, module, "a module that TCB info names", "TD report 0, 64, 112");

        TcbStatus[] accepted = [.. policy.TcbStatuses.Where(status => status is not TcbStatus.Revoked)];
        string wanted = accepted.Length == 0 ? "none is accepted" : string.Join(" or ", accepted);
        bool passed = evaluation.Status is { } found && accepted.Contains(found);
        checks.Check(CheckNames.TcbStatus, passed, Describe(evaluation), wanted, "PCK, TD report 0, TCB info, enclave identity", endorsed.Info.Levels is [var best, ..] ? $"{best.Outcome.Status} of {best.Outcome.Date}" : null);
    }

    private static string Describe(TcbEvaluation evaluation)
    {
        static string Name(TcbOutcome? outcome) => outcome is null ? "no level" : $"{outcome.Status} of {outcome.Date}";
        string status = evaluation.Status?.ToString() ?? "not supported";
        string advisories = evaluation.Advisories.Count == 0 ? string.Empty : $"; {string.Join(' ', evaluation.Advisories)}";
        return $"{status}: platform {Name(evaluation.Platform)}, module {Name(evaluation.Module)}, enclave {Name(evaluation.Enclave)}{advisories}";
    }
}
