using System.Text.Json;
using Veil.Attestation;
using Veil.Attestation.Snp;

namespace Veil.Proofs.Evidence;

/// <summary>The parts of the SEV-SNP pieces: report, leaf, intermediate, root and revocation list, at the time of the manifest and over the report's own data.</summary>
internal static class SnpFlipSubjects
{
    private const string Kind = "sev-snp";
    private const string Report = "evidence";
    private static readonly string[] Endorsements = ["vcek", "vlek", "ask", "asvk", "ark", "crl"];

    public static IEnumerable<FlipSubject> Read() => EvidenceFolder.Pieces("amd/snp").SelectMany(piece => Read(piece.Folder, piece.Manifest));

    private static IEnumerable<FlipSubject> Read(string folder, JsonElement manifest)
    {
        JsonElement expected = manifest.GetProperty("expected");
        if (expected.GetProperty("verify_at").ValueKind is not JsonValueKind.String)
            yield break; // No certificate: there is nothing that could be accepted.

        string[] names = [Report, .. Endorsements.Where(name => manifest.GetProperty("files").TryGetProperty(name, out _))];
        Dictionary<string, byte[]> parts = names.ToDictionary(name => name, name => File.ReadAllBytes(Path.Combine(folder, manifest.GetProperty("files").GetProperty(name).GetString()!)));
        var context = new AppraisalContext { Now = expected.GetProperty("verify_at").GetDateTimeOffset(), Known = new() };
        byte[] reportData = parts[Report].AsSpan(0x050, SnpReport.ReportDataSize).ToArray();
        foreach (string part in names)
        {
            yield return new(
                Kind,
                manifest.GetProperty("id").GetString()!,
                part == Report ? "report" : part,
                parts[part],
                bytes => Appraise(parts, part, bytes, reportData, context),
                expected.GetProperty("verdict").GetString() == "valid");
        }
    }

    private static bool Appraise(Dictionary<string, byte[]> parts, string replaced, byte[] bytes, byte[] reportData, AppraisalContext context)
    {
        Endorsement[] endorsements =
        [
            .. parts.Where(part => part.Key != Report)
                .Select(part => new Endorsement(part.Key == "crl" ? Endorsement.RevocationListMediaType : Endorsement.CertificateMediaType, part.Key == replaced ? bytes : part.Value)),
        ];
        var evidence = new Veil.Attestation.Evidence(SnpReport.MediaType, replaced == Report ? bytes : parts[Report]);
        return EvidenceAppraisal.AppraiseHardware(evidence, endorsements, reportData, context).Passed;
    }
}
