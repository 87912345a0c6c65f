using System.Text.Json;
using Veil.Attestation;
using Veil.Attestation.Snp;
using Veil.Proofs.Evidence;

namespace Veil.Interop.Attestation;

/// <summary>A real SEV-SNP report with its certificates, and what we say of it.</summary>
internal sealed class SnpPiece
{
    private SnpPiece(string folder, JsonElement manifest)
    {
        Id = manifest.GetProperty("id").GetString()!;
        Report = Read(folder, manifest, "evidence")!;
        Leaf = Read(folder, manifest, "vcek") ?? Read(folder, manifest, "vlek") ?? [];
        Intermediate = Read(folder, manifest, "ask") ?? Read(folder, manifest, "asvk")!;
        Root = Read(folder, manifest, "ark")!;
        JsonElement expected = manifest.GetProperty("expected");
        IsComplete = Leaf.Length > 0;
        At = IsComplete ? expected.GetProperty("verify_at").GetDateTimeOffset() : default;
        End = IsComplete ? expected.GetProperty("valid_to").GetDateTimeOffset() : default;
    }

    public string Id { get; }

    public byte[] Report { get; }

    public byte[] Leaf { get; }

    public byte[] Intermediate { get; }

    public byte[] Root { get; }

    /// <summary>False where no certificate for the report was found.</summary>
    public bool IsComplete { get; }

    /// <summary>The time of the manifest's verdict.</summary>
    public DateTimeOffset At { get; }

    /// <summary>The end of the chain.</summary>
    public DateTimeOffset End { get; }

    /// <summary>Those with certificates; skips the test where there is no evidence.</summary>
    public static SnpPiece[] ReadAll()
    {
        Assert.SkipWhen(EvidenceFolder.Unavailable is not null, EvidenceFolder.Unavailable ?? "");
        return [.. EvidenceFolder.Pieces("amd/snp").Select(piece => new SnpPiece(piece.Folder, piece.Manifest)).Where(piece => piece.IsComplete)];
    }

    /// <summary>Our verdict on the hardware.</summary>
    public Verdict Appraise(DateTimeOffset at, byte[]? report = null, byte[]? leaf = null, byte[]? intermediate = null)
    {
        Endorsement[] endorsements = [.. new[] { leaf ?? Leaf, intermediate ?? Intermediate, Root }.Select(der => new Endorsement(Endorsement.CertificateMediaType, der))];
        return EvidenceAppraisal.AppraiseHardware(new(SnpReport.MediaType, report ?? Report), endorsements, reportData: null, new AppraisalContext { Now = at });
    }

    private static byte[]? Read(string folder, JsonElement manifest, string name) =>
        manifest.GetProperty("files").TryGetProperty(name, out JsonElement file) ? File.ReadAllBytes(Path.Combine(folder, file.GetString()!)) : null;
}
