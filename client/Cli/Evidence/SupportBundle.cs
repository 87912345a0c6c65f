using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Veil.Attestation;
using Veil.Attestation.Nvidia;
using Veil.Attestation.Snp;

namespace Veil.ClientCli.Evidence;

/// <summary>
/// The parts of evidence and the verdict over them, fit to be sent to someone else: a chip's id is replaced wherever it stands, as bytes and as text, by the
/// first eight bytes of its SHA-256. Signatures over a part that held an id therefore no longer verify; the verdict tells that they did.
/// </summary>
internal static class SupportBundle
{
    private const int Version = 1;
    private const int ShortHashSize = 8;
    private const int ShortChipIdSize = 8;
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true };

    /// <summary>The bundle as indented JSON.</summary>
    public static string Write(EvidenceFile file, Verdict verdict, DateTimeOffset at)
    {
        byte[][] identities = IdentitiesIn(file.Evidence);
        var bundle = new JsonObject
        {
            ["v"] = Version,
            ["verdict"] = VerdictJson.Write(verdict, at),
            ["claims"] = file.Record is { } record ? Part(HostClaims.MediaType, record.EncodedClaims, identities) : null,
            ["evidence"] = EvidencePart(file.Evidence, identities),
            ["endorsements"] = new JsonArray([.. file.Endorsements.Select(endorsement => (JsonNode)EndorsementPart(file.Evidence, endorsement, identities))]),
        };
        return identities.Aggregate(bundle.ToJsonString(Format), HideText);
    }

    /// <summary>The chip id, and on Turin, where it has 8 bytes before zeros, those alone as a certificate has them; longest first.</summary>
    private static byte[][] IdentitiesIn(Veil.Attestation.Evidence evidence)
    {
        if (evidence.MediaType != SnpReport.MediaType || !SnpReport.TryParse(evidence.Bytes.Span, out SnpReport? report, out _) || !report.ChipId.ContainsAnyExcept((byte)0))
        {
            return [];
        }

        byte[] chipId = report.ChipId.ToArray();
        return chipId.AsSpan(ShortChipIdSize).ContainsAnyExcept((byte)0) ? [chipId] : [chipId, chipId[..ShortChipIdSize]];
    }

    /// <summary>A TDX quote holds its platform's id inside certificates in base64: of that kind only size and verdict are told.</summary>
    private static JsonObject EvidencePart(Veil.Attestation.Evidence evidence, byte[][] identities) => evidence.MediaType == SnpReport.MediaType
        ? Part(evidence.MediaType, evidence.Bytes, identities)
        : new() { ["type"] = evidence.MediaType, ["size"] = evidence.Bytes.Length };

    /// <summary>A GPU's certificates name the device: of them, too, only the size is told.</summary>
    private static JsonObject EndorsementPart(Veil.Attestation.Evidence evidence, Endorsement endorsement, byte[][] identities) =>
        evidence.MediaType == GpuReport.MediaType || endorsement.MediaType == GpuEvidence.MediaType
            ? new() { ["type"] = endorsement.MediaType, ["size"] = endorsement.Bytes.Length }
            : Part(endorsement.MediaType, endorsement.Bytes, identities);

    private static JsonObject Part(string mediaType, ReadOnlyMemory<byte> bytes, byte[][] identities) => new()
    {
        ["type"] = mediaType,
        ["size"] = bytes.Length,
        ["bytes"] = Convert.ToBase64String(identities.Aggregate(bytes.ToArray(), HideBytes)),
    };

    private static byte[] HideBytes(byte[] bytes, byte[] identity)
    {
        for (int found = bytes.AsSpan().IndexOf(identity); found >= 0; found = bytes.AsSpan().IndexOf(identity))
        {
            bytes.AsSpan(found, identity.Length).Clear();
            ShortHash(identity).CopyTo(bytes, found);
        }

        return bytes;
    }

    private static string HideText(string text, byte[] identity) =>
        text.Replace(Convert.ToHexStringLower(identity), $"chip {Convert.ToHexStringLower(ShortHash(identity))}", StringComparison.OrdinalIgnoreCase);

    private static byte[] ShortHash(byte[] identity) => SHA256.HashData(identity)[..ShortHashSize];
}
