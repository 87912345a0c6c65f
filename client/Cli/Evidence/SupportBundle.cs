using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Veil.Attestation;
using Veil.Attestation.Snp;
using Veil.Attestation.Tdx;

namespace Veil.ClientCli.Evidence;

/// <summary>
/// The parts of evidence and the verdict over them, fit to be sent to someone else. Of each part the bytes are told only where they are known to name no machine, or where the one
/// id that they hold is known: a chip's id is replaced wherever it stands, as bytes and as text, by the first eight bytes of its SHA-256. Of everything else the size is told.
/// </summary>
internal static partial class SupportBundle
{
    private const int Version = 1;
    private const int ShortHashSize = 8;
    private const int ShortChipIdSize = 8;
    private const string Note = "What names a machine is left out, or replaced by a hash of it: signatures over such a part do not verify here; the verdict tells whether they did.";

    /// <summary>Extensions in which a certificate names its machine: AMD's hardware id, and Intel's with PPID and platform instance.</summary>
    private const string AmdHardwareId = "1.3.6.1.4.1.3704.1.4";

    private const string IntelPlatform = "1.2.840.113741.1.13.1";

    /// <summary>How the name ends of whoever signs collateral for all machines of a manufacturer.</summary>
    private const string CollateralSigner = "TCB Signing";

    /// <summary>Checks whose texts name chips: the report's, that of a certificate, and those of a policy.</summary>
    private static readonly string[] NamingChecks = [CheckNames.ChipId, CheckNames.PinnedChip];

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
            ["verdict"] = isWhole ? VerdictJson.Write(verdict, at) : HideChips(VerdictJson.Write(verdict, at)),
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
                TdxQuote.MediaType => isAuthority || (certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false).EndsWith(CollateralSigner, StringComparison.Ordinal) && Named(IntelPlatform) is null && Named(AmdHardwareId) is null),
                _ => false,
            };
        }
        catch (CryptographicException)
        {
            // No certificate at all.
            return false;
        }
    }

    /// <summary>Replaces each chip in the texts of checks that name some: not all of them are in the evidence, and so known otherwise.</summary>
    private static JsonNode HideChips(JsonNode node)
    {
        if (node is JsonArray list)
        {
            foreach (JsonNode? element in list)
            {
                HideChips(element!);
            }
        }
        else if (node is JsonObject json)
        {
            bool namesChips = json["name"] is JsonValue name && name.TryGetValue(out string? check) && NamingChecks.Contains(check);
            foreach ((string member, JsonNode? value) in json.ToArray())
            {
                if (namesChips && value is JsonValue told && told.TryGetValue(out string? text))
                {
                    json[member] = ChipInText().Replace(text, chip => $"chip {Convert.ToHexStringLower(ShortHash(Convert.FromHexString(chip.ValueSpan)))}");
                }
                else if (value is not null)
                {
                    HideChips(value);
                }
            }
        }

        return node;
    }

    [GeneratedRegex(@"\b([0-9a-fA-F]{2}){8,}\b")]
    private static partial Regex ChipInText();

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
