using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Veil.Attestation;
using Veil.Attestation.Tdx;

namespace Veil.Proofs.Evidence;

/// <summary>
/// The parts of every TDX piece that is good by its manifest: quote, TCB info, enclave identity, their signer and the revocation lists that it has, at the time of the manifest and
/// over the quote's own REPORTDATA. Of the other pieces nothing could be accepted.
/// </summary>
internal static class TdxFlipSubjects
{
    private const string Kind = "tdx";
    private const string Quote = "quote";
    private static readonly (string Part, string MediaType, string File)[] Collateral =
    [
        ("tcb-info", TdxMediaTypes.TcbInfo, "tcb_info.json"),
        ("qe-identity", TdxMediaTypes.EnclaveIdentity, "qe_identity.json"),
        ("signer", Endorsement.CertificateMediaType, "tcb_info_issuer_chain.pem"),
        ("pck-crl", Endorsement.RevocationListMediaType, "pck_crl.der"),
        ("root-crl", Endorsement.RevocationListMediaType, "root_ca_crl.der"),
    ];

    public static IEnumerable<FlipSubject> Read() =>
        EvidenceFolder.Pieces("intel/tdx").Where(piece => piece.Manifest.GetProperty("expected").GetProperty("verdict").GetString() == "valid").SelectMany(Read);

    private static string CollateralFolder(string folder, JsonElement manifest) => Path.Combine(folder, manifest.GetProperty("files").GetProperty("collateral").GetString()!);

    private static IEnumerable<FlipSubject> Read((string Folder, JsonElement Manifest) piece)
    {
        (string folder, JsonElement manifest) = piece;
        byte[] quote = File.ReadAllBytes(Path.Combine(folder, manifest.GetProperty("files").GetProperty("evidence").GetString()!));
        if (!TdxQuote.TryParse(quote, out TdxQuote? parsed, out AttestationError error))
            throw new InvalidDataException($"{folder}: {error}");

        byte[] reportData = parsed.Report.ReportData.ToArray();
        var context = new AppraisalContext { Now = manifest.GetProperty("expected").GetProperty("verify_at").GetDateTimeOffset(), Known = new() };
        (string Part, string MediaType, byte[] Bytes)[] parts =
        [
            (Quote, TdxQuote.MediaType, quote),
            .. Collateral.Select(part => (part.Part, part.MediaType, File: Path.Combine(CollateralFolder(folder, manifest), part.File)))
                .Where(part => File.Exists(part.File)).Select(part => (part.Part, part.MediaType, ReadPart(part.File))),
        ];
        foreach ((string part, _, byte[] bytes) in parts)
        {
            yield return new(Kind, manifest.GetProperty("id").GetString()!, part, bytes, replacement => Appraise(parts, part, replacement, reportData, context), IsValid: true);
        }
    }

    /// <summary>The file's bytes; of a chain the first certificate, DER.</summary>
    private static byte[] ReadPart(string file)
    {
        byte[] bytes = File.ReadAllBytes(file);
        if (Path.GetExtension(file) != ".pem")
            return bytes;

        using X509Certificate2 signer = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(bytes));
        return signer.RawData;
    }

    private static bool Appraise((string Part, string MediaType, byte[] Bytes)[] parts, string replaced, byte[] bytes, byte[] reportData, AppraisalContext context)
    {
        var evidence = new Veil.Attestation.Evidence(TdxQuote.MediaType, replaced == Quote ? bytes : parts[0].Bytes);
        Endorsement[] endorsements = [.. parts.Skip(1).Select(part => new Endorsement(part.MediaType, part.Part == replaced ? bytes : part.Bytes))];
        return EvidenceAppraisal.AppraiseHardware(evidence, endorsements, reportData, context).Passed;
    }
}
