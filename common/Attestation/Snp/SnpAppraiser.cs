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
    public static DateTimeOffset? Appraise(HostRecord record, ReadOnlySpan<byte> boundValue, SnpPolicy policy, DateTimeOffset now, VerdictBuilder checks)
    {
        bool parsed = SnpReport.TryParse(record.Evidence.Bytes.Span, out SnpReport? report, out AttestationError error);
        if (!checks.CheckParsed(CheckNames.ReportFormat, parsed, error) || report is null)
        {
            return null;
        }

        bool signed = !report.IsSignatureMasked && (report.SigningKey is SnpSigningKey.Vcek || (report.SigningKey is SnpSigningKey.Vlek && policy.VlekProviders.Count > 0));
        if (!checks.Check(CheckNames.SigningKey, signed, report.IsSignatureMasked ? "masked" : report.SigningKey.ToString(), policy.VlekProviders.Count > 0 ? "Vcek or Vlek" : "Vcek"))
        {
            return null;
        }

        bool found = AmdChain.TryFind(record.Endorsements, report.SigningKey, out AmdChain? chain);
        if (!checks.Check(CheckNames.Endorsements, found, $"{record.Endorsements.Count} endorsements", "ARK, ASK (ASVK) and VCEK (VLEK), once each") || chain is null)
        {
            return null;
        }

        // Version 2 has no CPUID: the line is the one of the root, which has to be pinned below.
        ProductLine product = report.Version >= 3 ? report.Product : chain.Product;
        if (!checks.Check(CheckNames.ProductLine, product is not ProductLine.Unknown && product == chain.Product, product.ToString(), chain.Product.ToString()))
        {
            return null;
        }

        byte[] root = chain.Root.SpkiSha256;
        if (!checks.Check(CheckNames.TrustedRoot, Contains(policy.TrustedRoots, root), Hex(root), AnyOf(policy.TrustedRoots)))
        {
            return null;
        }

        // From here on every key that is used was vouched for by the pinned one above it.
        bool chained = checks.Check(CheckNames.Chain, chain.IsSigned(), chain.EndorsementKey.CommonName, "names, roles and RSA-PSS signatures up to the root");
        checks.Check(CheckNames.ChainValidity, chain.IsValidAt(now), $"ends {chain.NotAfter:u}", $"valid at {now:u}");
        if (!chained || !MatchesEndorsement(report, chain, product, policy, checks))
        {
            return null;
        }

        bool signature = EcSignature.VerifyP384(chain.EndorsementKey.Spki.Span, report.SignedBytes, report.GetSignature());
        checks.Check(CheckNames.ReportSignature, signature, "ECDSA P-384", "signed by the endorsement key");
        checks.Check(CheckNames.ReportData, CryptographicOperations.FixedTimeEquals(report.ReportData, boundValue), Hex(report.ReportData), Hex(boundValue));
        CheckPolicy(report, product, policy, checks);
        return chain.NotAfter;
    }

    private static bool MatchesEndorsement(SnpReport report, AmdChain chain, ProductLine product, SnpPolicy policy, VerdictBuilder checks)
    {
        bool isVlek = report.SigningKey is SnpSigningKey.Vlek;
        bool wellFormed = AmdExtensions.TryRead(chain.EndorsementKey, product, out AmdExtensions? extensions)
            && IsOfProduct(extensions.ProductName, product)
            && (extensions.Provider is not null) == isVlek
            && (extensions.HardwareId is null) == isVlek;
        if (!checks.Check(CheckNames.EndorsementKey, wellFormed, extensions?.ProductName ?? "malformed", $"{report.SigningKey} of {product}") || extensions is null)
        {
            return false;
        }

        TcbVersion reported = report.ReportedTcb(product);
        checks.Check(CheckNames.EndorsedTcb, extensions.Tcb == reported, reported.ToString(), extensions.Tcb.ToString());
        if (isVlek)
        {
            checks.Check(CheckNames.KeyHolder, policy.VlekProviders.Contains(extensions.Provider, StringComparer.Ordinal), extensions.Provider!, string.Join(" or ", policy.VlekProviders));
        }
        else
        {
            // A masked chip id is all zero and no certificate's: refused here.
            checks.Check(CheckNames.ChipId, report.ChipId.SequenceEqual(extensions.HardwareId) && report.ChipId.ContainsAnyExcept((byte)0), Hex(report.ChipId), Hex(extensions.HardwareId));
        }

        return true;
    }

    private static void CheckPolicy(SnpReport report, ProductLine product, SnpPolicy policy, VerdictBuilder checks)
    {
        checks.Check(CheckNames.Debug, policy.AllowDebug || !report.Policy.AllowsDebug, report.Policy.AllowsDebug ? "allowed" : "off", policy.AllowDebug ? "any" : "off");
        checks.Check(CheckNames.Migration, policy.AllowMigration || !report.Policy.AllowsMigration, report.Policy.AllowsMigration ? "allowed" : "off", policy.AllowMigration ? "any" : "off");
        checks.Check(CheckNames.PrivilegeLevel, report.Vmpl <= policy.MaxVmpl, $"VMPL {report.Vmpl}", $"at most VMPL {policy.MaxVmpl}");

        TcbVersion minimum = policy.MinimumTcb.TryGetValue(product, out TcbVersion wanted) ? wanted : default;
        TcbVersion reported = report.ReportedTcb(product);
        TcbVersion committed = report.CommittedTcb(product);
        checks.Check(CheckNames.MinimumTcb, reported.IsAtLeast(minimum) && committed.IsAtLeast(minimum), $"reported {reported}; committed {committed}", $"at least {minimum}");

        bool platform = (report.PlatformInfo & policy.RequiredPlatformInfo) == policy.RequiredPlatformInfo && (report.PlatformInfo & policy.ForbiddenPlatformInfo) == 0;
        checks.Check(CheckNames.PlatformInfo, platform, $"0x{report.PlatformInfo:x}", $"with 0x{policy.RequiredPlatformInfo:x}, without 0x{policy.ForbiddenPlatformInfo:x}");
        checks.Check(CheckNames.Measurement, Contains(policy.Measurements, report.Measurement), Hex(report.Measurement), AnyOf(policy.Measurements));
        if (policy.HostData.Count > 0)
        {
            checks.Check(CheckNames.HostData, Contains(policy.HostData, report.HostData), Hex(report.HostData), AnyOf(policy.HostData));
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
