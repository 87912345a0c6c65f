using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Veil.Attestation;
using Veil.Attestation.Nvidia;
using Veil.Attestation.Snp;
using Veil.Attestation.Tdx;
using HardwareEvidence = Veil.Attestation.Evidence;

namespace Veil.ClientCli.Evidence;

/// <summary>
/// Evidence from a file: a host record, an RA-TLS certificate (PEM or DER; ours, or one of other projects with a quote), or a bare report of SEV-SNP, TDX or an NVIDIA GPU. A bare report's endorsements are the files that are
/// named with it, and where none are, those that lie beside it: the ones that a <c>manifest.json</c> names, or every <c>.der</c>, <c>.crt</c>, <c>.pem</c> and <c>.crl</c>.
/// </summary>
internal sealed class EvidenceFile
{
    private const int MaxFileSize = 1 << 20;
    private const int QuoteHead = 48;
    private const string ManifestFile = "manifest.json";
    private static readonly string[] EndorsementEndings = [".der", ".crt", ".pem", ".crl"];
    private static readonly (string Name, string? MediaType)[] CollateralFiles =
    [
        ("tcb_info.json", Endorsement.TdxTcbInfoMediaType),
        ("qe_identity.json", Endorsement.TdxQeIdentityMediaType),
        ("tcb_info_issuer_chain.pem", null),
        ("pck_crl.der", Endorsement.RevocationListMediaType),
        ("root_ca_crl.der", Endorsement.RevocationListMediaType),
    ];

    private static readonly string[] ManifestEndorsements = ["vcek", "vlek", "ask", "asvk", "ark", "crl", "chain"];

    private EvidenceFile(string name, HardwareEvidence evidence, IReadOnlyList<Endorsement> endorsements, HostRecord? record, ReadOnlyMemory<byte> leaf)
    {
        Name = name;
        Evidence = evidence;
        Endorsements = endorsements;
        Record = record;
        Leaf = leaf;
    }

    /// <summary>The path as it was given.</summary>
    public string Name { get; }

    /// <summary>The evidence.</summary>
    public HardwareEvidence Evidence { get; }

    /// <summary>The endorsements.</summary>
    public IReadOnlyList<Endorsement> Endorsements { get; }

    /// <summary>The host record that holds both; null for a bare report.</summary>
    public HostRecord? Record { get; }

    /// <summary>The certificate that carries the record, DER; empty where there is none.</summary>
    public ReadOnlyMemory<byte> Leaf { get; }

    /// <summary>Opens one file, or a folder with a manifest or a file <c>report.bin</c>.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="endorsementFiles">Certificates and lists for a bare report.</param>
    /// <param name="collateralFolder">Intel's collateral for a bare TDX quote; null for the one that a manifest beside it names.</param>
    /// <exception cref="EvidenceException">It is none of these.</exception>
    public static EvidenceFile Open(string path, IReadOnlyList<string> endorsementFiles, string? collateralFolder = null)
    {
        string file = Directory.Exists(path) ? EvidenceIn(path) : path;
        byte[] bytes = ReadFile(file);
        string? bareType = bytes.Length == SnpReport.Size && SnpReport.TryParse(bytes, out _, out _) ? SnpReport.MediaType
            : GpuReport.TryParse(bytes, out _, out _) ? GpuReport.MediaType
            : null;
        if (bareType is not null)
        {
            Endorsement[] endorsements = endorsementFiles.Count > 0
                ? [.. endorsementFiles.SelectMany(ReadEndorsements)]
                : [.. FilesBeside(file).SelectMany(ReadEndorsements)];
            return new(path, new(bareType, bytes), endorsements, record: null, leaf: default);
        }

        if (TdxQuote.TryParse(bytes, out _, out AttestationError quoteError) || (quoteError is AttestationError.SgxNotAccepted && IsQuote(bytes)))
        {
            return new(path, new(TdxQuote.MediaType, bytes), ReadCollateral(collateralFolder ?? CollateralBeside(file)), record: null, leaf: default);
        }

        if (endorsementFiles.Count > 0)
        {
            throw new EvidenceException($"{path}: --endorsement is for a bare report; a record and a certificate bring their own.");
        }

        if (HostRecord.TryParse(bytes, out HostRecord? record, out AttestationError error))
        {
            return new(path, record.Evidence, record.Endorsements, record, leaf: default);
        }

        byte[]? leaf = ReadCertificate(bytes);
        if (leaf is null)
        {
            throw new EvidenceException($"{path}: found {bytes.Length} bytes that are no host record ({error}), no certificate, no SEV-SNP report, no TDX quote and no NVIDIA GPU report.");
        }

        if (ForeignRatls.TryRead(leaf, out ForeignRatls? foreign))
        {
            return new(path, foreign.Evidence, ReadCollateral(collateralFolder), record: null, leaf);
        }

        record = ReadRecord(leaf, path);
        return new(path, record.Evidence, record.Endorsements, record, leaf);
    }

    /// <summary>Reads what a folder holds of a platform's newer endorsements, each once: Intel's two documents, certificates and revocation lists.</summary>
    /// <exception cref="EvidenceException">There is none, or a file holds something else.</exception>
    public static IReadOnlyList<Endorsement> ReadCollateralFolder(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new EvidenceException($"{folder}: found no folder.");
        }

        IEnumerable<Endorsement> documents = CollateralFiles.Where(file => file.MediaType is Endorsement.TdxTcbInfoMediaType or Endorsement.TdxQeIdentityMediaType && File.Exists(Path.Combine(folder, file.Name)))
            .Select(file => new Endorsement(file.MediaType!, ReadFile(Path.Combine(folder, file.Name))));
        Endorsement[] found = [.. documents.Concat(EndorsementFilesIn(folder).SelectMany(ReadEndorsements)).DistinctBy(endorsement => Convert.ToHexString(endorsement.Bytes.Span))];
        return found.Length > 0 ? found : throw new EvidenceException($"{folder}: holds no collateral.");
    }

    /// <summary>True for a quote of Intel's.</summary>
    public bool IsTdx => Evidence.MediaType == TdxQuote.MediaType;

    /// <summary>This machine with newer endorsements in the place of its own; null where none of them is for such a machine.</summary>
    public EvidenceFile? Renewed(IReadOnlyList<Endorsement> newer)
    {
        IReadOnlyList<Endorsement> renewed = EndorsementRenewal.Renew(Evidence, Endorsements, newer);
        return ReferenceEquals(renewed, Endorsements) ? null : new(Name, Evidence, renewed, Record, Leaf);
    }

    /// <summary>Judges the machine alone: what its report is over is taken as it is.</summary>
    public Verdict AppraiseMachine(AppraisalPolicy? policy, DateTimeOffset at)
    {
        var context = new AppraisalContext { Now = at };
        ReadOnlyMemory<byte>? bound = SnpReport.TryParse(Evidence.Bytes.Span, out SnpReport? report, out _) ? new(report.ReportData.ToArray())
            : TdxQuote.TryParse(Evidence.Bytes, out TdxQuote? quote, out _) ? new(quote.Report.ReportData.ToArray())
            : BoundValue(nonce: default);
        return policy is null
            ? EvidenceAppraisal.AppraiseHardware(Evidence, Endorsements, bound, context)
            : EvidenceAppraisal.Appraise(Evidence, Endorsements, policy, bound, context);
    }

    /// <summary>Judges the evidence, with its claims and its certificate where there are some, by a policy; without one, the hardware alone.</summary>
    /// <param name="policy">What is accepted.</param>
    /// <param name="reportData">What a bare report has to be over; null where nobody says.</param>
    /// <param name="nonce">What the host of a record was asked with; empty where it was not.</param>
    /// <param name="at">The time to judge at.</param>
    /// <exception cref="EvidenceException">A nonce for evidence without claims, which binds none.</exception>
    public Verdict Appraise(AppraisalPolicy? policy, ReadOnlyMemory<byte>? reportData, ReadOnlyMemory<byte> nonce, DateTimeOffset at)
    {
        if (Record is null && !nonce.IsEmpty)
        {
            throw new EvidenceException($"{Name}: --nonce is for a record of Veil's; what other evidence is over is told with --report-data.");
        }

        var context = new AppraisalContext { Now = at, Nonce = nonce };
        if (Record is null && !Leaf.IsEmpty)
        {
            return ForeignRatls.Appraise(Leaf, Endorsements, policy, context);
        }

        if (policy is null || Record is null)
        {
            ReadOnlyMemory<byte>? bound = reportData ?? BoundValue(nonce);
            return policy is null
                ? EvidenceAppraisal.AppraiseHardware(Evidence, Endorsements, bound, context)
                : EvidenceAppraisal.Appraise(Evidence, Endorsements, policy, bound, context);
        }

        if (Leaf.IsEmpty)
        {
            AppraisedHost.TryAppraise(Record, policy, context, out _, out Verdict verdict);
            return verdict;
        }

        RatlsAppraisal.TryAppraise(Leaf, policy, context, out _, out Verdict ofConnection);
        return ofConnection;
    }

    private ReadOnlyMemory<byte>? BoundValue(ReadOnlyMemory<byte> nonce)
    {
        if (Record is null)
        {
            return null;
        }

        return nonce.IsEmpty ? HostClaims.BoundValue(Record.EncodedClaims.Span) : HostClaims.NonceBoundValue(Record.EncodedClaims.Span, nonce.Span);
    }

    private static string EvidenceIn(string folder)
    {
        string manifest = Path.Combine(folder, ManifestFile);
        Dictionary<string, string> files = File.Exists(manifest) ? ManifestFiles(manifest) : [];
        string file = Path.Combine(folder, files.GetValueOrDefault("evidence") ?? files.GetValueOrDefault("certificate") ?? "report.bin");
        return File.Exists(file) ? file : throw new EvidenceException($"{folder}: found neither a {ManifestFile} that names evidence nor a report.bin.");
    }

    private static IEnumerable<string> FilesBeside(string file)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        string manifest = Path.Combine(folder, ManifestFile);
        if (File.Exists(manifest))
        {
            Dictionary<string, string> files = ManifestFiles(manifest);
            return ManifestEndorsements.Where(files.ContainsKey).Select(name => Path.Combine(folder, files[name]));
        }

        return EndorsementFilesIn(folder);
    }

    private static IEnumerable<string> EndorsementFilesIn(string folder) =>
        Directory.EnumerateFiles(folder).Where(found => EndorsementEndings.Contains(Path.GetExtension(found), StringComparer.Ordinal)).Order(StringComparer.Ordinal);

    private static string? CollateralBeside(string file)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        string manifest = Path.Combine(folder, ManifestFile);
        return File.Exists(manifest) && ManifestFiles(manifest).TryGetValue("collateral", out string? named) ? Path.Combine(folder, named) : null;
    }

    /// <summary>The two signed documents, the certificate that signs them, and the revocation lists, as far as they are there.</summary>
    private static List<Endorsement> ReadCollateral(string? folder)
    {
        var found = new List<Endorsement>();
        foreach ((string name, string? mediaType) in CollateralFiles)
        {
            string path = Path.Combine(folder ?? string.Empty, name);
            if (folder is not null && File.Exists(path))
            {
                found.AddRange(mediaType is null ? ReadEndorsements(path).Take(1) : [new(mediaType, ReadFile(path))]);
            }
        }

        return found;
    }

    private static Dictionary<string, string> ManifestFiles(string manifest)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(ReadFile(manifest));
            return json.RootElement.GetProperty("files").EnumerateObject().ToDictionary(file => file.Name, file => file.Value.GetString() ?? throw new JsonException(), StringComparer.Ordinal);
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            throw new EvidenceException($"{manifest}: names no files.");
        }
    }

    private static IReadOnlyList<Endorsement> ReadEndorsements(string path) =>
        Endorsement.ReadFile(ReadFile(path)) is { Count: > 0 } found ? found : throw new EvidenceException($"{path}: holds neither certificates nor revocation lists.");

    /// <summary>True for what has the head of a quote of Intel's: a version and ECDSA P-256.</summary>
    private static bool IsQuote(byte[] bytes) => bytes is [3 or 4 or 5, 0, 2, 0, ..] && bytes.Length > QuoteHead;

    private static byte[]? ReadCertificate(byte[] bytes)
    {
        byte[] der = PemEncoding.TryFind(Encoding.ASCII.GetString(bytes), out PemFields fields)
            ? Convert.FromBase64String(Encoding.ASCII.GetString(bytes)[fields.Base64Data])
            : bytes;
        return IsCertificate(der) ? der : null;
    }

    private static HostRecord ReadRecord(byte[] leaf, string path)
    {
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(leaf);
        X509Extension? extension = certificate.Extensions.FirstOrDefault(found => found.Oid?.Value == RatlsExtension.Oid);
        if (extension is null)
        {
            throw new EvidenceException($"{path}: a certificate without evidence (extension {RatlsExtension.Oid}).");
        }

        return HostRecord.TryParse(extension.RawData, out HostRecord? record, out AttestationError error)
            ? record
            : throw new EvidenceException($"{path}: a certificate whose extension {RatlsExtension.Oid} is no host record ({error}).");
    }

    private static bool IsCertificate(byte[] der)
    {
        try
        {
            X509CertificateLoader.LoadCertificate(der).Dispose();
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static byte[] ReadFile(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            byte[] bytes = new byte[Math.Min(file.CanSeek ? file.Length : MaxFileSize, MaxFileSize) + 1];
            int size = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return size <= MaxFileSize ? bytes[..size] : throw new EvidenceException($"{path}: found more than {MaxFileSize} bytes, which is the most that evidence has.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new EvidenceException($"{path}: cannot be read.");
        }
    }
}
