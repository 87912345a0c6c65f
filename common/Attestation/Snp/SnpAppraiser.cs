using System.Security.Cryptography;

namespace Veil.Attestation.Snp;

/// <summary>
/// Appraises SEV-SNP evidence in the order: form, signing key, chain to a pinned root at the given time, endorsement matches the
/// report, signature, bound value, policy. A step that later ones rest on ends the appraisal when it fails.
/// </summary>
internal static class SnpAppraiser
{
    /// <summary>Adds this evidence's checks to <paramref name="checks"/>.</summary>
    /// <returns>The instant at which the chain ends, or null when a check failed that others rest on.</returns>
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

        AmdChain? chain;
        ProductLine product;
        using (checks.Open(GroupNames.Endorsements))
        {
            chain = FindChain(report, endorsements, policy, scope.Now, out product, checks);
            if (chain is null || !MatchesEndorsement(report, chain, product, policy, scope, checks))
            {
                return null;
            }
        }

        using (checks.Open(GroupNames.Evidence))
        {
            bool signature = EcSignature.VerifyP384(chain.EndorsementKey.Spki.Span, report.SignedBytes, report.GetSignature());
            checks.Check(CheckNames.ReportSignature, signature, "ECDSA P-384", "signed by the endorsement key", "report 0x2a0");
            CheckReportData(report, scope, checks);
        }

        using (checks.Open(GroupNames.Policy))
        {
            CheckPolicy(report, product, policy, scope, checks);
        }

        return chain.NotAfter;
    }

    private static bool CheckSigningKey(SnpReport report, SnpPolicy policy, AppraisalScope scope, VerdictBuilder checks)
    {
        bool vlek = policy.VlekProviders.Count > 0 || scope.IsHardwareOnly;
        bool signed = !report.IsSignatureMasked && (report.SigningKey is SnpSigningKey.Vcek || (report.SigningKey is SnpSigningKey.Vlek && vlek));
        return checks.Check(CheckNames.SigningKey, signed, report.IsSignatureMasked ? "masked" : report.SigningKey.ToString(), vlek ? "Vcek or Vlek" : "Vcek", "report 0x048", "Vcek");
    }

    private static AmdChain? FindChain(SnpReport report, IReadOnlyList<Endorsement> endorsements, SnpPolicy policy, DateTimeOffset now, out ProductLine product, VerdictBuilder checks)
    {
        product = ProductLine.Unknown;
        bool found = AmdChain.TryFind(endorsements, report.SigningKey, out AmdChain? chain);
        if (!checks.Check(CheckNames.Endorsements, found, $"{endorsements.Count} endorsements", "ARK, ASK (ASVK) and VCEK (VLEK), once each", "endorsements") || chain is null)
        {
            return null;
        }

        // Version 2 has no CPUID: the line is the one of the root, which has to be pinned below.
        product = report.Version >= 3 ? report.Product : chain.Product;
        if (!checks.Check(CheckNames.ProductLine, product is not ProductLine.Unknown && product == chain.Product, product.ToString(), chain.Product.ToString(), report.Version >= 3 ? "report 0x188" : "ARK subject"))
        {
            return null;
        }

        byte[] root = chain.Root.SpkiSha256;
        if (!checks.Check(CheckNames.TrustedRoot, Contains(policy.TrustedRoots, root), Hex(root), AnyOf(policy.TrustedRoots), "ARK public key, SHA-256"))
        {
            return null;
        }

        // From here on every key that is used was vouched for by the pinned one above it.
        bool chained = checks.Check(CheckNames.Chain, chain.IsSigned(), chain.EndorsementKey.CommonName, "names, roles and RSA-PSS signatures up to the root", "ARK, ASK and endorsement key");
        checks.Check(CheckNames.ChainValidity, chain.IsValidAt(now), $"{chain.NotBefore:u} to {chain.NotAfter:u}", $"valid at {now:u}", "certificate validity", $"{(now > chain.NotAfter ? chain.NotAfter : chain.NotBefore):u}");
        return chained ? chain : null;
    }

    private static bool MatchesEndorsement(SnpReport report, AmdChain chain, ProductLine product, SnpPolicy policy, AppraisalScope scope, VerdictBuilder checks)
    {
        bool isVlek = report.SigningKey is SnpSigningKey.Vlek;
        bool wellFormed = AmdExtensions.TryRead(chain.EndorsementKey, product, out AmdExtensions? extensions)
            && IsOfProduct(extensions.ProductName, product)
            && (extensions.Provider is not null) == isVlek
            && (extensions.HardwareId is null) == isVlek;
        string key = isVlek ? "VLEK" : "VCEK";
        if (!checks.Check(CheckNames.EndorsementKey, wellFormed, extensions?.ProductName ?? "malformed", $"{report.SigningKey} of {product}", $"{key} 1.3.6.1.4.1.3704.1.2") || extensions is null)
        {
            return false;
        }

        TcbVersion reported = report.ReportedTcb(product);
        checks.Check(CheckNames.EndorsedTcb, extensions.Tcb == reported, reported.ToString(), extensions.Tcb.ToString(), $"report 0x180; {key} 1.3.6.1.4.1.3704.1.3", extensions.Tcb.ToString());
        if (!isVlek)
        {
            // A masked chip id is all zero and no certificate's: refused here.
            bool isChip = report.ChipId.SequenceEqual(extensions.HardwareId) && report.ChipId.ContainsAnyExcept((byte)0);
            checks.Check(CheckNames.ChipId, isChip, Hex(report.ChipId), Hex(extensions.HardwareId), "report 0x1a0; VCEK 1.3.6.1.4.1.3704.1.4", Hex(extensions.HardwareId));
        }
        else if (policy.VlekProviders.Count > 0)
        {
            checks.Check(CheckNames.KeyHolder, policy.VlekProviders.Contains(extensions.Provider, StringComparer.Ordinal), extensions.Provider!, string.Join(" or ", policy.VlekProviders), "VLEK 1.3.6.1.4.1.3704.1.5");
        }
        else
        {
            checks.Gap(CheckNames.KeyHolder, scope.IsHardwareOnly, extensions.Provider!, "a provider that the policy names", "VLEK 1.3.6.1.4.1.3704.1.5");
        }

        return true;
    }

    private static void CheckReportData(SnpReport report, AppraisalScope scope, VerdictBuilder checks)
    {
        if (scope.BoundValue is { } boundValue)
        {
            checks.Check(CheckNames.ReportData, CryptographicOperations.FixedTimeEquals(report.ReportData, boundValue.Span), Hex(report.ReportData), Hex(boundValue.Span), "report 0x050");
        }
        else
        {
            checks.Gap(CheckNames.ReportData, scope.IsHardwareOnly, Hex(report.ReportData), "a value that the caller knows", "report 0x050");
        }
    }

    private static void CheckPolicy(SnpReport report, ProductLine product, SnpPolicy policy, AppraisalScope scope, VerdictBuilder checks)
    {
        checks.Check(CheckNames.Debug, policy.AllowDebug || !report.Policy.AllowsDebug, report.Policy.AllowsDebug ? "allowed" : "off", policy.AllowDebug ? "any" : "off", "report 0x008 bit 19", "off");
        checks.Check(CheckNames.Migration, policy.AllowMigration || !report.Policy.AllowsMigration, report.Policy.AllowsMigration ? "allowed" : "off", policy.AllowMigration ? "any" : "off", "report 0x008 bit 18", "off");
        checks.Check(CheckNames.PrivilegeLevel, report.Vmpl <= policy.MaxVmpl, $"VMPL {report.Vmpl}", $"at most VMPL {policy.MaxVmpl}", "report 0x030", $"VMPL {policy.MaxVmpl}");

        TcbVersion minimum = policy.MinimumTcb.TryGetValue(product, out TcbVersion wanted) ? wanted : default;
        TcbVersion reported = report.ReportedTcb(product);
        TcbVersion committed = report.CommittedTcb(product);
        checks.Check(CheckNames.MinimumTcb, reported.IsAtLeast(minimum) && committed.IsAtLeast(minimum), $"reported {reported}; committed {committed}", $"at least {minimum}", "report 0x180, 0x1e0", minimum.ToString());

        bool platform = (report.PlatformInfo & policy.RequiredPlatformInfo) == policy.RequiredPlatformInfo && (report.PlatformInfo & policy.ForbiddenPlatformInfo) == 0;
        checks.Check(
            CheckNames.PlatformInfo, platform, $"0x{report.PlatformInfo:x}", $"with 0x{policy.RequiredPlatformInfo:x}, without 0x{policy.ForbiddenPlatformInfo:x}", "report 0x040",
            $"0x{(report.PlatformInfo | policy.RequiredPlatformInfo) & ~policy.ForbiddenPlatformInfo:x}");
        if (policy.Measurements.Count == 0 && scope.IsHardwareOnly)
        {
            checks.Gap(CheckNames.Measurement, accepted: true, Hex(report.Measurement), "a measurement that the policy names", "report 0x090");
        }
        else
        {
            checks.Check(CheckNames.Measurement, Contains(policy.Measurements, report.Measurement), Hex(report.Measurement), AnyOf(policy.Measurements), "report 0x090");
        }

        if (policy.HostData.Count > 0)
        {
            checks.Check(CheckNames.HostData, Contains(policy.HostData, report.HostData), Hex(report.HostData), AnyOf(policy.HostData), "report 0x0c0");
        }
    }

    private static bool IsOfProduct(string productName, ProductLine product) => productName.Split('-', 2)[0] == product.ToString();

    private static bool Contains(IReadOnlyCollection<ReadOnlyMemory<byte>> accepted, ReadOnlySpan<byte> value)
    {
        foreach (ReadOnlyMemory<byte> candidate in accepted)
        {
            if (candidate.Span.SequenceEqual(value))
            {
                return true;
            }
        }

        return false;
    }

    private static string AnyOf(IReadOnlyCollection<ReadOnlyMemory<byte>> accepted) =>
        accepted.Count == 0 ? "none is accepted" : string.Join(" or ", accepted.Select(value => Hex(value.Span)));

    private static string Hex(ReadOnlySpan<byte> value) => Convert.ToHexStringLower(value);
}
