using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Veil.Attestation;
using Veil.Attestation.Tdx;

namespace Veil.Common.Tests.Attestation;

/// <summary>One real quote with its collateral. Claims of ours cannot be in it, so its own REPORTDATA stands for the bound value.</summary>
internal sealed class TdxPiece
{
    private readonly string _collateral;

    public TdxPiece(string id)
    {
        Assert.SkipUnless(id.Length > 0, "Evidence of real hardware is not here: set VEIL_EVIDENCE to the folder that holds it.");
        string folder = $"intel/tdx/{id}";
        Manifest = ForeignEvidence.ReadManifest($"{folder}/manifest.json");
        Quote = ForeignEvidence.ReadShared($"{folder}/{Manifest.GetProperty("files").GetProperty("evidence").GetString()}");
        _collateral = $"intel/collateral/{Path.GetFileName(Manifest.GetProperty("files").GetProperty("collateral").GetString())}";
        Collateral = ForeignEvidence.ReadManifest($"{_collateral}/manifest.json");
        Endorsements = [.. Read()];
    }

    public JsonElement Manifest { get; }

    public JsonElement Collateral { get; }

    public JsonElement Expected => Manifest.GetProperty("expected");

    public DateTimeOffset VerifyAt => Expected.GetProperty("verify_at").GetDateTimeOffset();

    public byte[] Quote { get; }

    public Endorsement[] Endorsements { get; }

    public TdxQuote Parsed => TdxQuote.TryParse(Quote, out TdxQuote? quote, out AttestationError error) ? quote : throw new InvalidDataException(error.ToString());

    /// <summary>Accepts every genuine machine that is not under debugging, and this image.</summary>
    public TdxPolicy Policy => new()
    {
        Images = [new() { Mrtd = Parsed.Report.Mrtd.ToArray() }],
        TcbStatuses = [TcbStatus.UpToDate, TcbStatus.OutOfDate],
        RequiredAttributes = 0,
        ServiceTds = Parsed.Report.ServiceTd.ContainsAnyExcept((byte)0) ? [Parsed.Report.ServiceTd.ToArray()] : [],
        ConfigIds = [Parsed.Report.ConfigId.ToArray()],
        Owners = [Parsed.Report.Owner.ToArray()],
        OwnerConfigs = [Parsed.Report.OwnerConfig.ToArray()],
        RequireCrl = Endorsements.Count(endorsement => endorsement.MediaType == Endorsement.RevocationListMediaType) == 2,
    };

    public Verdict Appraise(byte[]? quote = null, IReadOnlyList<Endorsement>? endorsements = null, TdxPolicy? policy = null, DateTimeOffset? at = null, VerifiedSignatures? known = null)
    {
        var checks = new VerdictBuilder();
        var scope = new AppraisalScope(Parsed.Report.ReportData.ToArray(), IsHardwareOnly: false, at ?? VerifyAt, known);
        TdxAppraiser.Appraise(new(TdxQuote.MediaType, quote ?? Quote), endorsements ?? Endorsements, policy ?? Policy, scope, checks);
        return checks.ToVerdict();
    }

    /// <summary>The endorsements with the bytes of one kind altered.</summary>
    public Endorsement[] With(string mediaType, Func<byte[], byte[]> alter) =>
        [.. Endorsements.Select(endorsement => endorsement.MediaType == mediaType ? new Endorsement(mediaType, alter(endorsement.Bytes.ToArray())) : endorsement)];

    private IEnumerable<Endorsement> Read()
    {
        yield return new(TcbInfo.MediaType, ForeignEvidence.ReadShared($"{_collateral}/tcb_info.json"));
        yield return new(QeIdentity.MediaType, ForeignEvidence.ReadShared($"{_collateral}/qe_identity.json"));
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(System.Text.Encoding.ASCII.GetString(ForeignEvidence.ReadShared($"{_collateral}/tcb_info_issuer_chain.pem")));
        yield return new(Endorsement.CertificateMediaType, chain[0].RawData);
        foreach (string list in new[] { $"{_collateral}/pck_crl.der", $"{_collateral}/root_ca_crl.der" }.Where(ForeignEvidence.HasShared))
        {
            yield return new(Endorsement.RevocationListMediaType, ForeignEvidence.ReadShared(list));
        }
    }
}
