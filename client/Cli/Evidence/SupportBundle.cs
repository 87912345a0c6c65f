using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using Veil.Attestation;
using Veil.Attestation.Snp;
using Veil.Attestation.Tdx;

namespace Veil.ClientCli.Evidence;

/// <summary>
/// The parts of evidence and the verdict over them, fit to be sent to someone else. Of each part the bytes are told only where they are known to name no machine, or where the one
/// id that they hold is known: a chip's id is replaced wherever it stands, as bytes and as text, by the first eight bytes of its SHA-256. Of everything else the size is told.
/// </summary>
internal static class SupportBundle
{
    private const int Version = 1;
    private const int ShortHashSize = 8;
    private const int ShortChipIdSize = 8;
    private const string Note = "What names a machine is left out, or replaced by a hash of it: signatures over such a part do not verify here; the verdict tells whether they did.";

    /// <summary>Extensions in which a certificate names its machine: AMD's hardware id, and Intel's with PPID and platform instance.</summary>
    private const string AmdHardwareId = "1.3.6.1.4.1.3704.1.4";

    private const string IntelPlatform = "1.2.840.113741.1.13.1";

    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true };

    /// <summary>The bundle as indented JSON.</summary>
    /// <param name="file">The evidence.</param>
    /// <param name="verdict">The verdict over it.</param>
    /// <param name="at">When it was judged.</param>
    /// <param name="isWhole">Keep what names the machine, so that signatures verify.</param>
    public static string Write(EvidenceFile file, Verdict verdict, DateTimeOffset at, bool isWhole)
    {
        byte[][] identities = isWhole ? [] : IdentitiesIn(file.Evidence);
        JsonObject Told(string mediaType, ReadOnlyMemory<byte> bytes, bool namesNoMachine) => Part(mediaType, bytes, isWhole || namesNoMachine, identities);
        var bundle = new JsonObject
        {
            ["v"] = Version,
            ["note"] = isWhole ? null : Note,
            ["verdict"] = VerdictJson.Write(verdict, at),
            ["claims"] = file.Record is { } record ? Told(HostClaims.MediaType, record.EncodedClaims, namesNoMachine: true) : null,
            ["evidence"] = Told(file.Evidence.MediaType, file.Evidence.Bytes, IsReportThatCanBeHidden(file.Evidence)),
            ["endorsements"] = new JsonArray([.. file.Endorsements.Select(endorsement => (JsonNode)Told(endorsement.MediaType, endorsement.Bytes, NamesNoMachine(file.Evidence, endorsement, identities)))]),
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

    /// <summary>A TDX quote holds its platform's id inside certificates in base64, a GPU's report names the device, and what is malformed may hold anything anywhere.</summary>
    private static bool IsReportThatCanBeHidden(Veil.Attestation.Evidence evidence) =>
        evidence.MediaType == SnpReport.MediaType && SnpReport.TryParse(evidence.Bytes.Span, out _, out _);

    /// <summary>Lists and collateral of a manufacturer's form are for all machines; of certificates, it depends on whose.</summary>
    private static bool NamesNoMachine(Veil.Attestation.Evidence evidence, Endorsement endorsement, byte[][] identities) => endorsement.MediaType switch
    {
        Endorsement.RevocationListMediaType or Endorsement.TdxTcbInfoMediaType or Endorsement.TdxQeIdentityMediaType => endorsement.IsWellFormed(),
        Endorsement.CertificateMediaType => NamesNoMachine(evidence.MediaType, endorsement.Bytes.Span, identities),
        _ => false,
    };

    /// <summary>
    /// Authorities of AMD and Intel sign for many machines, as Intel's signer of collateral does; a chip's own certificate is told where its id is known and hidden. A GPU's name the device.
    /// What stands behind a certificate may be anything.
    /// </summary>
    private static bool NamesNoMachine(string evidenceType, ReadOnlySpan<byte> der, byte[][] identities)
    {
        try
        {
            using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(der);
            if (!certificate.RawData.AsSpan().SequenceEqual(der))
            {
                return false;
            }

            bool isAuthority = certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(constraints => constraints.CertificateAuthority);
            byte[]? Named(string oid) => certificate.Extensions.FirstOrDefault(extension => extension.Oid?.Value == oid)?.RawData;
            return evidenceType switch
            {
                SnpReport.MediaType => isAuthority || (Named(AmdHardwareId) is { } id && Array.Exists(identities, identity => id.AsSpan().IndexOf(identity) >= 0)),
                TdxQuote.MediaType => isAuthority || Named(IntelPlatform) is null,
                _ => false,
            };
        }
        catch (CryptographicException)
        {
            // No certificate at all.
            return false;
        }
    }

    private static JsonObject Part(string mediaType, ReadOnlyMemory<byte> bytes, bool isTold, byte[][] identities)
    {
        var part = new JsonObject { ["type"] = mediaType, ["size"] = bytes.Length };
        if (isTold)
        {
            part["bytes"] = Convert.ToBase64String(identities.Aggregate(bytes.ToArray(), HideBytes));
        }

        return part;
    }

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
