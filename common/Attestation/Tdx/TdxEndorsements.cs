namespace Veil.Attestation.Tdx;

/// <summary>What Intel says of a quote's platform, after it was checked: PCK chain, TCB info, enclave identity and revocation lists.</summary>
internal sealed class TdxEndorsements
{
    private const string SignerName = "Intel SGX TCB Signing";

    private TdxEndorsements(IntelChain chain, PckExtension platform) => (Chain, Platform) = (chain, platform);

    /// <summary>The PCK's chain.</summary>
    public IntelChain Chain { get; }

    /// <summary>What the PCK certificate says.</summary>
    public PckExtension Platform { get; }

    /// <summary>TCB info.</summary>
    public required TcbInfo Info { get; init; }

    /// <summary>The quoting enclave's identity.</summary>
    public required QeIdentity Identity { get; init; }

    /// <summary>The last instant at which all of it holds.</summary>
    public required DateTimeOffset Ends { get; init; }

    /// <summary>Makes the checks; null when one failed that others rest on.</summary>
    public static TdxEndorsements? Appraise(TdxQuote quote, IReadOnlyList<Endorsement> endorsements, TdxPolicy policy, AppraisalScope scope, VerdictBuilder checks)
    {
        // 1. The PCK chain, up to a root that the policy names.
        string names = string.Empty;
        IntelChain? chain = scope.Parse(quote.CertificateChain, pem => IntelChain.TryParse(pem.Span, out IntelChain? read, out names) ? read : null);
        bool parsed = chain is not null;
        names = chain is null ? names : string.Join(", ", chain.All.Select(certificate => certificate.CommonName));
        if (!checks.Check(CheckNames.Endorsements, parsed, names, $"{IntelChain.LeafName}, its CA and {IntelChain.RootName}", "quote certification data") || chain is null)
        {
            return null;
        }

        byte[] root = chain.Root.SpkiSha256;
        if (!checks.Check(CheckNames.TrustedRoot, Accepted.Contains(policy.TrustedRoots, root), Convert.ToHexStringLower(root), Accepted.AnyOf(policy.TrustedRoots), "root public key, SHA-256")
            || !checks.Check(CheckNames.Chain, chain.IsSigned(scope), chain.Authority.CommonName, "names, roles and ECDSA P-256 signatures up to the root", "PCK, its CA and root"))
        {
            return null;
        }

        DateTimeOffset ends = CheckValidity(chain.All, scope, checks);
        PckExtension? platform = scope.Parse(chain.Leaf.Der, _ => PckExtension.TryRead(chain.Leaf, out PckExtension? extension) ? extension : null);
        bool read = platform is not null;
        if (!checks.Check(CheckNames.EndorsementKey, read, read ? Convert.ToHexStringLower(platform!.Fmspc) : "malformed", "a platform's levels and kind", $"PCK {PckExtension.Oid}") || platform is null)
        {
            return null;
        }

        // 2. Who signs collateral, by the same root.
        if (FindSigner(endorsements, chain.Root, scope, checks) is not { } signer)
        {
            return null;
        }

        ends = Earlier(ends, CheckValidity([signer], scope, checks));

        // 3. TCB info and enclave identity.
        if (ReadInfo(endorsements, signer, scope, checks) is not { } info || ReadIdentity(endorsements, signer, scope, checks) is not { } identity)
        {
            return null;
        }

        ends = Earlier(ends, CheckDates("TCB info", info.IssueDate, info.NextUpdate, scope, checks));
        ends = Earlier(ends, CheckDates("enclave identity", identity.IssueDate, identity.NextUpdate, scope, checks));
        CheckNumber("TCB info", info.EvaluationNumber, policy, checks);
        CheckNumber("enclave identity", identity.EvaluationNumber, policy, checks);
        string found = $"FMSPC {Convert.ToHexStringLower(info.Fmspc)}, PCEID {Convert.ToHexStringLower(info.PceId)}";
        string wanted = $"FMSPC {Convert.ToHexStringLower(platform.Fmspc)}, PCEID {Convert.ToHexStringLower(platform.PceId)}";
        if (!checks.Check(CheckNames.CollateralPlatform, found == wanted, found, wanted, "TCB info fmspc, pceId", wanted))
        {
            return null;
        }

        // 4. Revocation: the leaf by its CA's list, the CA and the signer by the root's.
        CertificateRevocationList[] lists = ReadLists(endorsements, scope, checks, out bool wellFormed);
        if (wellFormed)
        {
            bool isNamedByAnother = lists.Any(list => !list.Issuer.Span.SequenceEqual(chain.Authority.Subject.Span) && !list.Issuer.Span.SequenceEqual(chain.Root.Subject.Span));
            ends = Earlier(ends, CheckRevocation(lists, isNamedByAnother, chain.Authority, [chain.Leaf], policy, scope, checks));
            ends = Earlier(ends, CheckRevocation(lists, isNamedByAnother, chain.Root, [chain.Authority, signer], policy, scope, checks));
        }

        return new(chain, platform) { Info = info, Identity = identity, Ends = ends };
    }

    private static DateTimeOffset CheckValidity(ParsedCertificate[] certificates, AppraisalScope scope, VerdictBuilder checks)
    {
        DateTimeOffset notBefore = certificates.Max(certificate => certificate.NotBefore);
        DateTimeOffset notAfter = certificates.Min(certificate => certificate.NotAfter);
        bool valid = Array.TrueForAll(certificates, certificate => certificate.IsValidAt(scope.Now));
        checks.Check(
            CheckNames.ChainValidity, valid, $"{notBefore:u} to {notAfter:u}", $"valid at {scope.Now:u}", $"{certificates[0].CommonName} validity", $"{(scope.Now > notAfter ? notAfter : notBefore):u}");
        foreach (ParsedCertificate certificate in certificates)
        {
            checks.Until(CheckNames.ChainValidity, certificate.NotAfter, $"{certificate.CommonName} not_after");
        }

        return notAfter;
    }

    /// <summary>Intel renews the signer's certificate for the same key, so several may be there: the one that is valid now and lives longest counts.</summary>
    private static ParsedCertificate? FindSigner(IReadOnlyList<Endorsement> endorsements, ParsedCertificate root, AppraisalScope scope, VerdictBuilder checks)
    {
        var signers = new List<ParsedCertificate>();
        foreach (Endorsement endorsement in endorsements.Where(endorsement => endorsement.MediaType == Endorsement.CertificateMediaType))
        {
            if (scope.Parse(endorsement.Bytes, ParsedCertificate.ParseOrNull) is { } certificate && certificate.CommonName == SignerName)
            {
                signers.Add(certificate);
            }
        }

        ParsedCertificate? signer = signers.OrderByDescending(certificate => certificate.IsValidAt(scope.Now)).ThenByDescending(certificate => certificate.NotAfter).FirstOrDefault();
        bool signed = signer is not null && !signer.IsAuthority && IntelChain.IsIssued(signer, root, scope);
        checks.Check(CheckNames.CollateralSignature, signed, signer is null ? "none" : signed ? SignerName : "signed or named by another", $"{SignerName}, signed by the root", "endorsement certificates");
        return signed ? signer : null;
    }

    private static TcbInfo? ReadInfo(IReadOnlyList<Endorsement> endorsements, ParsedCertificate signer, AppraisalScope scope, VerdictBuilder checks)
    {
        ReadOnlyMemory<byte>? bytes = Only(endorsements, TcbInfo.MediaType, out string found);
        TcbInfo? info = bytes is { } source ? scope.Parse(source, document => TcbInfo.TryParse(document, out TcbInfo? read, out found) ? read : null) : null;
        bool parsed = info is not null;
        return checks.Check(CheckNames.Collateral, parsed, parsed ? "well-formed" : found, "one TCB info, TDX version 3", "TCB info") && IsSigned("TCB info", info!.Collateral, signer, scope, checks) ? info : null;
    }

    private static QeIdentity? ReadIdentity(IReadOnlyList<Endorsement> endorsements, ParsedCertificate signer, AppraisalScope scope, VerdictBuilder checks)
    {
        ReadOnlyMemory<byte>? bytes = Only(endorsements, QeIdentity.MediaType, out string found);
        QeIdentity? identity = bytes is { } source ? scope.Parse(source, document => QeIdentity.TryParse(document, out QeIdentity? read, out found) ? read : null) : null;
        bool parsed = identity is not null;
        return checks.Check(CheckNames.Collateral, parsed, parsed ? "well-formed" : found, "one enclave identity, TD_QE version 2", "enclave identity")
            && IsSigned("enclave identity", identity!.Collateral, signer, scope, checks) ? identity : null;
    }

    private static ReadOnlyMemory<byte>? Only(IReadOnlyList<Endorsement> endorsements, string mediaType, out string found)
    {
        Endorsement[] those = [.. endorsements.Where(endorsement => endorsement.MediaType == mediaType)];
        found = those.Length == 1 ? "malformed" : those.Length == 0 ? "none" : $"{those.Length} documents";
        return those is [var only] ? only.Bytes : null;
    }

    private static bool IsSigned(string document, SignedCollateral collateral, ParsedCertificate signer, AppraisalScope scope, VerdictBuilder checks) =>
        checks.Check(
            CheckNames.CollateralSignature, scope.Known.Verify(signer, collateral.Part, static (key, signed) => key.IsP256 && key.Verify(signed.Data, signed.Signature)), "ECDSA P-256", $"signed by {SignerName}", $"{document} signature");

    private static DateTimeOffset CheckDates(string document, DateTimeOffset issued, DateTimeOffset next, AppraisalScope scope, VerdictBuilder checks)
    {
        string source = $"{document} issueDate, nextUpdate";
        checks.Check(CheckNames.CollateralValidity, issued <= scope.Now && scope.Now <= next, $"{issued:u} to {next:u}", $"valid at {scope.Now:u}", source, $"{(scope.Now > next ? next : issued):u}");
        checks.Until(CheckNames.CollateralValidity, next, $"{document} nextUpdate");
        return next;
    }

    private static void CheckNumber(string document, uint number, TdxPolicy policy, VerdictBuilder checks) =>
        checks.Check(
            CheckNames.CollateralNumber, number >= policy.MinimumEvaluationNumber, $"{number}", $"at least {policy.MinimumEvaluationNumber}", $"{document} tcbEvaluationDataNumber", $"{policy.MinimumEvaluationNumber}");

    private static CertificateRevocationList[] ReadLists(IReadOnlyList<Endorsement> endorsements, AppraisalScope scope, VerdictBuilder checks, out bool wellFormed)
    {
        var lists = new List<CertificateRevocationList>();
        wellFormed = true;
        foreach (Endorsement endorsement in endorsements.Where(endorsement => endorsement.MediaType == Endorsement.RevocationListMediaType))
        {
            if (scope.Parse(endorsement.Bytes, CertificateRevocationList.ParseOrNull) is { } list)
            {
                lists.Add(list);
            }
            else
            {
                wellFormed = checks.Check(CheckNames.RevocationList, passed: false, "malformed", "revocation lists of version 2", "revocation lists");
            }
        }

        return [.. lists];
    }

    /// <summary>
    /// A list of this authority must be there once and be its own; one in another's name is not the same as none, where none is required. What a stale one names stays revoked.
    /// </summary>
    /// <returns>The instant at which the list stops to count, or the last of all where none is required.</returns>
    private static DateTimeOffset CheckRevocation(
        CertificateRevocationList[] lists, bool isNamedByAnother, ParsedCertificate authority, ParsedCertificate[] certificates, TdxPolicy policy, AppraisalScope scope, VerdictBuilder checks)
    {
        string source = $"{authority.CommonName} revocation list";
        string wanted = $"one list, current at {scope.Now:u}";
        CertificateRevocationList[] own = Array.FindAll(lists, list => list.Issuer.Span.SequenceEqual(authority.Subject.Span));
        if (own.Length != 1)
        {
            if (own.Length == 0 && !isNamedByAnother)
            {
                checks.Gap(CheckNames.RevocationList, !policy.RequireCrl, "no list", wanted, source);
            }
            else
            {
                checks.Check(CheckNames.RevocationList, passed: false, own.Length == 0 ? "a list that is named by another" : $"{own.Length} lists", wanted, source);
            }

            return DateTimeOffset.MaxValue;
        }

        CertificateRevocationList list = own[0];
        string found = $"{list.Count} revoked, {list.ThisUpdate:u} to {list.NextUpdate:u}";
        if (!list.IsIssuedBy(authority, scope.Known))
        {
            checks.Check(CheckNames.RevocationList, passed: false, "signed by another", wanted, source);
        }
        else if (Array.Find(certificates, list.Lists) is { } revoked)
        {
            checks.Check(CheckNames.RevocationList, passed: false, $"{revoked.CommonName} is revoked", $"{revoked.CommonName} is not listed", source);
        }
        else if (list.IsCurrentAt(scope.Now))
        {
            checks.Check(CheckNames.RevocationList, passed: true, found, wanted, source);
            checks.Until(CheckNames.RevocationList, list.NextUpdate, $"{source} next_update");
        }
        else
        {
            checks.Gap(CheckNames.RevocationList, !policy.RequireCrl, found, wanted, source);
        }

        return policy.RequireCrl ? list.NextUpdate : DateTimeOffset.MaxValue;
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
