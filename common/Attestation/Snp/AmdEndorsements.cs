namespace Veil.Attestation.Snp;

/// <summary>What AMD says of a report's key, after it was checked: chain, revocation list, and that the certificate is for this firmware and this chip.</summary>
internal sealed class AmdEndorsements
{
    private const string ExtensionPrefix = "1.3.6.1.4.1.3704.1";

    private AmdEndorsements(AmdChain chain, DateTimeOffset ends)
    {
        Product = chain.Product;
        Key = chain.EndorsementKey;
        Ends = ends;
    }

    /// <summary>The product line.</summary>
    public ProductLine Product { get; }

    /// <summary>The certificate of the endorsement key.</summary>
    public ParsedCertificate Key { get; }

    /// <summary>The last instant at which all of it holds.</summary>
    public DateTimeOffset Ends { get; }

    /// <summary>Makes the checks; null when one failed that others rest on.</summary>
    public static AmdEndorsements? Appraise(SnpReport report, IReadOnlyList<Endorsement> endorsements, SnpPolicy policy, AppraisalScope scope, VerdictBuilder checks)
    {
        bool found = AmdChain.TryFind(endorsements, report.SigningKey, scope, out AmdChain? chain, out string names);
        string wanted = report.SigningKey is SnpSigningKey.Vlek ? "SEV-VLEK, SEV-VLEK-line and ARK-line, once each" : "SEV-VCEK, SEV-line and ARK-line, once each";
        if (!checks.Check(CheckNames.Endorsements, found, names, wanted, "endorsement names") || chain is null)
        {
            return null;
        }

        // Version 2 has no CPUID: the line is the one of the root, which has to be pinned below.
        ProductLine product = report.Version >= 3 ? report.Product : chain.Product;
        if (!checks.Check(CheckNames.ProductLine, product == chain.Product, product.ToString(), chain.Product.ToString(), report.Version >= 3 ? "report 0x188" : "ARK subject"))
        {
            return null;
        }

        byte[] root = chain.Root.SpkiSha256;
        bool pinned = Accepted.Contains(policy.TrustedRoots, root);
        if (!checks.Check(CheckNames.TrustedRoot, pinned, Convert.ToHexStringLower(root), Accepted.AnyOf(policy.TrustedRoots), "ARK public key, SHA-256"))
        {
            return null;
        }

        // From here on every key that is used was vouched for by the pinned one above it.
        if (!checks.Check(CheckNames.Chain, chain.IsSigned(scope), chain.EndorsementKey.CommonName, "names, roles and RSA-PSS signatures up to the root", "ARK, intermediate and endorsement key"))
        {
            return null;
        }

        CheckValidity(chain, scope.Now, checks);
        DateTimeOffset listEnds = CheckRevocation(chain, endorsements, policy.RequireCrl, scope, checks);
        return MatchesReport(report, chain, policy, scope, checks) ? new(chain, listEnds < chain.NotAfter ? listEnds : chain.NotAfter) : null;
    }

    private static void CheckValidity(AmdChain chain, DateTimeOffset now, VerdictBuilder checks)
    {
        DateTimeOffset nearest = now > chain.NotAfter ? chain.NotAfter : chain.NotBefore;
        checks.Check(CheckNames.ChainValidity, chain.IsValidAt(now), $"{chain.NotBefore:u} to {chain.NotAfter:u}", $"valid at {now:u}", "certificate validity", $"{nearest:u}");
        foreach (ParsedCertificate certificate in new[] { chain.EndorsementKey, chain.Intermediate, chain.Root })
        {
            checks.Until(CheckNames.ChainValidity, certificate.NotAfter, $"{certificate.CommonName} not_after");
        }
    }

    /// <summary>
    /// A list that is there must be the root's own. What it names stays revoked when the list is stale; that nothing else was revoked since is then unknown.
    /// </summary>
    /// <returns>The instant at which the list stops to count, or the last of all where none is required.</returns>
    private static DateTimeOffset CheckRevocation(AmdChain chain, IReadOnlyList<Endorsement> endorsements, bool required, AppraisalScope scope, VerdictBuilder checks)
    {
        const string Source = "ARK revocation list";
        string wanted = $"one list of {chain.Root.CommonName}, current at {scope.Now:u}";
        Endorsement[] lists = [.. endorsements.Where(endorsement => endorsement.MediaType == Endorsement.RevocationListMediaType)];
        if (lists.Length == 0)
        {
            checks.Gap(CheckNames.RevocationList, !required, "no list", wanted, Source);
            return DateTimeOffset.MaxValue;
        }

        if (lists.Length > 1 || scope.Parse(lists[0].Bytes, CertificateRevocationList.ParseOrNull) is not { } list)
        {
            checks.Check(CheckNames.RevocationList, passed: false, lists.Length > 1 ? $"{lists.Length} lists" : "malformed", wanted, Source);
            return DateTimeOffset.MaxValue;
        }

        string found = $"{list.Count} revoked, {list.ThisUpdate:u} to {list.NextUpdate:u}";
        ParsedCertificate? revoked = Array.Find([chain.EndorsementKey, chain.Intermediate], certificate => certificate.Issuer.Span.SequenceEqual(list.Issuer.Span) && list.Lists(certificate));
        if (!list.IsIssuedBy(chain.Root, scope.Known))
        {
            checks.Check(CheckNames.RevocationList, passed: false, "signed or named by another", wanted, Source);
        }
        else if (revoked is not null)
        {
            checks.Check(CheckNames.RevocationList, passed: false, $"{revoked.CommonName} is revoked", $"{revoked.CommonName} is not listed", Source);
        }
        else if (list.IsCurrentAt(scope.Now))
        {
            checks.Check(CheckNames.RevocationList, passed: true, found, wanted, Source);
            checks.Until(CheckNames.RevocationList, list.NextUpdate, $"{Source} next_update");
        }
        else
        {
            checks.Gap(CheckNames.RevocationList, !required, found, wanted, Source);
        }

        return required ? list.NextUpdate : DateTimeOffset.MaxValue;
    }

    private static bool MatchesReport(SnpReport report, AmdChain chain, SnpPolicy policy, AppraisalScope scope, VerdictBuilder checks)
    {
        bool isVlek = report.SigningKey is SnpSigningKey.Vlek;
        string key = isVlek ? "VLEK" : "VCEK";
        bool wellFormed = AmdExtensions.TryRead(chain.EndorsementKey, chain.Product, out AmdExtensions? extensions)
            && extensions.ProductName.Split('-', 2)[0] == chain.Product.ToString()
            && (extensions.Provider is not null) == isVlek
            && (extensions.HardwareId is null) == isVlek;
        if (!checks.Check(CheckNames.EndorsementKey, wellFormed, extensions?.ProductName ?? "malformed", $"{key} of {chain.Product}", $"{key} {ExtensionPrefix}.2") || extensions is null)
        {
            return false;
        }

        TcbVersion reported = report.ReportedTcb(chain.Product);
        checks.Check(CheckNames.EndorsedTcb, extensions.Tcb == reported, reported.ToString(), extensions.Tcb.ToString(), $"report 0x180, {key} {ExtensionPrefix}.3", extensions.Tcb.ToString());
        if (isVlek)
        {
            CheckProvider(extensions.Provider!, policy, scope, checks);
        }
        else
        {
            CheckChip(report, extensions.HardwareId!, policy, checks);
        }

        return true;
    }

    private static void CheckProvider(string provider, SnpPolicy policy, AppraisalScope scope, VerdictBuilder checks)
    {
        const string Source = $"VLEK {ExtensionPrefix}.5";
        if (policy.VlekProviders.Count == 0)
        {
            checks.Gap(CheckNames.KeyHolder, scope.IsHardwareOnly, provider, "a provider that the policy names", Source);
        }
        else
        {
            checks.Check(CheckNames.KeyHolder, policy.VlekProviders.Contains(provider, StringComparer.Ordinal), provider, string.Join(" or ", policy.VlekProviders), Source);
        }
    }

    private static void CheckChip(SnpReport report, byte[] hardwareId, SnpPolicy policy, VerdictBuilder checks)
    {
        const string Source = $"report 0x1a0, VCEK {ExtensionPrefix}.4";
        string wanted = Convert.ToHexStringLower(hardwareId);
        if (report.ChipId.ContainsAnyExcept((byte)0))
        {
            checks.Check(CheckNames.ChipId, report.ChipId.SequenceEqual(hardwareId), Convert.ToHexStringLower(report.ChipId), wanted, Source, wanted);
        }
        else
        {
            checks.Gap(CheckNames.ChipId, policy.AllowMaskedChipId, "masked", wanted, Source);
        }
    }
}
