using System.Globalization;
using Veil.Attestation;
using Veil.Attestation.Snp;
using Veil.Attestation.Tdx;

namespace Veil.HostAgent.Vendors;

/// <summary>
/// What verifiers need of a manufacturer to judge this machine's evidence: from Intel's provisioning service (version 4 of its interface) for a quote, from AMD's key distribution
/// service for a report.
/// </summary>
/// <param name="options">Which services there are.</param>
/// <param name="documents">Their answers.</param>
internal sealed class VendorCollateral(VendorOptions options, VendorDocuments documents)
{
    private const string IntelChainOfTcbInfo = "TCB-Info-Issuer-Chain";
    private const string IntelChainOfIdentity = "SGX-Enclave-Identity-Issuer-Chain";
    private const int ShortChipIdSize = 8;

    /// <summary>Whether Intel's collateral is fetched.</summary>
    public bool HasIntel => options.IntelUrl is not null;

    /// <summary>Intel's TCB info, enclave identity and lists, with the certificate that signs them.</summary>
    /// <exception cref="AttesterException">The quote names no platform, or a document is missing.</exception>
    public IReadOnlyList<Endorsement> ForQuote(TdxQuote quote)
    {
        Uri intel = options.IntelUrl ?? throw new InvalidOperationException("There is no service of Intel's to ask.");
        if (!TdxPlatform.TryRead(quote, out TdxPlatform? platform))
            throw new AttesterException("the TEE's quote carries no PCK chain to ask Intel about: the quoting enclave's platform is not registered");

        VendorRequest[] requests =
        [
            new(VendorRequest.Join(intel, $"tdx/certification/v4/tcb?fmspc={platform.Fmspc}"), Endorsement.TdxTcbInfoMediaType, IntelChainOfTcbInfo),
            new(VendorRequest.Join(intel, "tdx/certification/v4/qe/identity"), Endorsement.TdxQeIdentityMediaType, IntelChainOfIdentity),
            new(VendorRequest.Join(intel, $"sgx/certification/v4/pckcrl?ca={platform.Authority}&encoding=der"), Endorsement.RevocationListMediaType),
            new(options.IntelRootListUrl, Endorsement.RevocationListMediaType),
        ];
        return [.. requests.SelectMany(documents.Get).DistinctBy(endorsement => Convert.ToHexString(endorsement.Bytes.Span))];
    }

    /// <summary>AMD's certificate of the chip, its chain and the root's list; nothing where AMD is not asked.</summary>
    /// <param name="report">The report.</param>
    /// <param name="others">What the operator and the machine give; does where AMD does not answer.</param>
    /// <exception cref="AttesterException">AMD does not answer, and a document is in none of the others.</exception>
    public IReadOnlyList<Endorsement> ForReport(SnpReport report, IReadOnlyList<Endorsement> others)
    {
        if (options.AmdUrl is not { } amd)
            return [];
        if (report.Product is ProductLine.Unknown)
            throw new AttesterException($"the TEE's report (version {report.Version}) does not say which product AMD has to be asked about: leave Attester:Vendors:AmdUrl out and give Attester:EndorsementFiles");

        // A provider's key (VLEK) is not at AMD, and a masked chip cannot be asked about: the machine's own certificate does.
        bool isVlek = report.SigningKey is SnpSigningKey.Vlek;
        string line = $"{(isVlek ? "vlek" : "vcek")}/v1/{report.Product}";
        var found = new List<Endorsement>();
        if (!isVlek && report.ChipId.ContainsAnyExcept((byte)0))
            Add(found, new(VendorRequest.Join(amd, $"{line}/{ChipPath(report)}"), Endorsement.CertificateMediaType, IsConstant: true, IsAnswer: answer => answer.Count is 1 && ChipCertificate.IsFor(report, answer[0].Bytes)), others, "SEV-VCEK");
        Add(found, new(VendorRequest.Join(amd, $"{line}/cert_chain"), Endorsement.CertificateMediaType), others, isVlek ? $"SEV-VLEK-{report.Product}" : $"SEV-{report.Product}");
        Add(found, new(VendorRequest.Join(amd, $"{line}/crl"), Endorsement.RevocationListMediaType), others, Endorsement.RevocationListMediaType);
        return found;
    }

    /// <summary>The chip's id in digits, of which Turin's has 8 bytes, and the firmware levels in two digits or more.</summary>
    private static string ChipPath(SnpReport report)
    {
        bool isTurin = report.Product is ProductLine.Turin;
        TcbVersion tcb = report.ReportedTcb(report.Product);
        string chip = Convert.ToHexStringLower(isTurin ? report.ChipId[..ShortChipIdSize] : report.ChipId);
        string first = isTurin ? string.Create(CultureInfo.InvariantCulture, $"fmcSPL={tcb.Fmc:D2}&") : string.Empty;
        return string.Create(CultureInfo.InvariantCulture, $"{chip}?{first}blSPL={tcb.Bootloader:D2}&teeSPL={tcb.Tee:D2}&snpSPL={tcb.Snp:D2}&ucodeSPL={tcb.Microcode:D2}");
    }

    private void Add(List<Endorsement> found, VendorRequest request, IReadOnlyList<Endorsement> others, string subject)
    {
        try
        {
            found.AddRange(documents.Get(request));
        }
        catch (AttesterException) when (others.Any(endorsement => EndorsementSubject.Of(endorsement) == subject))
        {
            // The operator's or the machine's own does; a verifier says so where it does not.
        }
    }
}
