using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Veil.Attestation;
using Veil.Attestation.Tdx;
using Veil.Proofs.Evidence;

namespace Veil.Interop.Attestation;

/// <summary>A real TDX quote with the collateral of its time, and what we say of it.</summary>
internal sealed class TdxQuotePiece
{
    private const string RootList = "root_ca_crl.der";
    private readonly string _collateral;
    private readonly TdxQuote _parsed;

    private TdxQuotePiece(string folder, JsonElement manifest)
    {
        Id = manifest.GetProperty("id").GetString()!;
        JsonElement files = manifest.GetProperty("files");
        Quote = File.ReadAllBytes(Path.Combine(folder, files.GetProperty("evidence").GetString()!));
        _collateral = Path.Combine(folder, files.GetProperty("collateral").GetString()!);
        JsonElement expected = manifest.GetProperty("expected");
        At = expected.GetProperty("verify_at").GetDateTimeOffset();
        TcbStatus = expected.GetProperty("tcb_status").GetString();
        _parsed = TdxQuote.TryParse(Quote, out TdxQuote? parsed, out AttestationError error) ? parsed : throw new InvalidDataException($"{Id}: {error}");
        Pck = Certificates(Encoding.ASCII.GetString(_parsed.CertificateChain.Span));
        Signer = Certificates(File.ReadAllText(Path.Combine(_collateral, "tcb_info_issuer_chain.pem")));
        IdentitySigner = Certificates(File.ReadAllText(Path.Combine(_collateral, "qe_identity_issuer_chain.pem")));
    }

    public string Id { get; }

    public byte[] Quote { get; }

    /// <summary>The time of the manifest's verdict.</summary>
    public DateTimeOffset At { get; }

    /// <summary>Intel's evaluation by the manifest; null where no level is reached.</summary>
    public string? TcbStatus { get; }

    /// <summary>PCK, its authority and the root, DER.</summary>
    public byte[][] Pck { get; }

    /// <summary>The signer of TCB info and the root, DER.</summary>
    public byte[][] Signer { get; }

    /// <summary>The signer of the enclave identity and the root, DER.</summary>
    public byte[][] IdentitySigner { get; }

    /// <summary>True where the collateral has the root's revocation list.</summary>
    public bool IsComplete => File.Exists(Path.Combine(_collateral, RootList));

    /// <summary>Skips the test where there is no evidence.</summary>
    public static TdxQuotePiece[] ReadAll()
    {
        Assert.SkipWhen(EvidenceFolder.Unavailable is not null, EvidenceFolder.Unavailable ?? "");
        return [.. EvidenceFolder.Pieces("intel/tdx").Select(piece => new TdxQuotePiece(piece.Folder, piece.Manifest))];
    }

    /// <summary>Our verdict on the hardware.</summary>
    public Verdict Appraise(DateTimeOffset? at = null, byte[]? quote = null, byte[]? signer = null) => EvidenceAppraisal.AppraiseHardware(
        new(TdxQuote.MediaType, quote ?? Quote), [.. Endorsements(signer ?? Signer[0])], _parsed.Report.ReportData.ToArray(), new AppraisalContext { Now = at ?? At });

    /// <summary>The piece as <c>quotes.mjs</c> takes it.</summary>
    public JsonObject ToJson(DateTimeOffset? at = null, byte[]? quote = null)
    {
        (string info, string infoSignature) = Split("tcb_info.json", "tcbInfo");
        (string identity, string identitySignature) = Split("qe_identity.json", "enclaveIdentity");
        return new()
        {
            ["quote"] = Convert.ToBase64String(quote ?? Quote),
            ["at"] = (at ?? At).ToUnixTimeSeconds(),
            ["collateral"] = new JsonObject
            {
                ["tcb_info"] = info,
                ["tcb_info_signature"] = infoSignature,
                ["tcb_info_issuer_chain"] = File.ReadAllText(Path.Combine(_collateral, "tcb_info_issuer_chain.pem")),
                ["qe_identity"] = identity,
                ["qe_identity_signature"] = identitySignature,
                ["qe_identity_issuer_chain"] = File.ReadAllText(Path.Combine(_collateral, "qe_identity_issuer_chain.pem")),
                ["pck_crl"] = Convert.ToHexStringLower(File.ReadAllBytes(Path.Combine(_collateral, "pck_crl.der"))),
                ["root_ca_crl"] = IsComplete ? Convert.ToHexStringLower(File.ReadAllBytes(Path.Combine(_collateral, RootList))) : "",
            },
        };
    }

    /// <summary>The quote with another certificate of the same length in place of the PCK.</summary>
    public byte[] WithLeaf(byte[] leaf)
    {
        string text = Encoding.Latin1.GetString(Quote);
        string own = PemEncoding.WriteString("CERTIFICATE", Pck[0]);
        Assert.Contains(own, text, StringComparison.Ordinal);
        string other = PemEncoding.WriteString("CERTIFICATE", leaf);
        return own.Length == other.Length ? Encoding.Latin1.GetBytes(text.Replace(own, other, StringComparison.Ordinal)) : throw new ArgumentException("Another length.", nameof(leaf));
    }

    private static byte[][] Certificates(string pem)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(pem);
        return [.. chain.Select(certificate => certificate.RawData)];
    }

    private IEnumerable<Endorsement> Endorsements(byte[] signer)
    {
        yield return new(TdxMediaTypes.TcbInfo, File.ReadAllBytes(Path.Combine(_collateral, "tcb_info.json")));
        yield return new(TdxMediaTypes.EnclaveIdentity, File.ReadAllBytes(Path.Combine(_collateral, "qe_identity.json")));
        yield return new(Endorsement.CertificateMediaType, signer);
        foreach (string list in new[] { "pck_crl.der", RootList }.Select(name => Path.Combine(_collateral, name)).Where(File.Exists))
            yield return new(Endorsement.RevocationListMediaType, File.ReadAllBytes(list));
    }

    /// <summary>The inner object as it is written, and its signature.</summary>
    private (string Document, string Signature) Split(string file, string name)
    {
        JsonElement root = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_collateral, file))).RootElement;
        return (root.GetProperty(name).GetRawText(), root.GetProperty("signature").GetString()!);
    }
}
