using System.Text.Json;
using Veil.Attestation;
using Veil.Attestation.Snp;

namespace Veil.Common.Tests.Attestation;

/// <summary>Reports of real Milan, Genoa and Turin machines, versions 2 to 5, with the certificates that AMD issued for them.</summary>
public static class RealSnpEvidenceTests
{
    /// <summary>What makes a piece invalid, and the check of ours that says so.</summary>
    private static readonly Dictionary<string, string> CheckByReason = new()
    {
        ["debug-enabled"] = CheckNames.Debug,
        ["endorsement-missing"] = CheckNames.Endorsements,
    };

    public static TheoryData<string> Ids => [.. ForeignEvidence.SnpIds()];

    [Theory]
    [MemberData(nameof(Ids))]
    public static void Gets_the_verdict_of_its_manifest(string id)
    {
        var piece = new Piece(id);
        Verdict verdict = piece.Appraise();
        string[] expected = [.. piece.Expected.GetProperty("reasons").EnumerateArray().Select(reason => CheckByReason[reason.GetString()!])];
        Assert.Equal(expected, verdict.Failures.Select(check => check.Name));
        Assert.Equal(piece.Expected.GetProperty("verdict").GetString() == "valid", verdict.Passed);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public static void Its_fields_read_as_the_manifest_says(string id)
    {
        var piece = new Piece(id);
        Assert.True(SnpReport.TryParse(piece.Report, out SnpReport? report, out _));
        JsonElement fields = piece.Manifest.GetProperty("fields");
        ProductLine product = Enum.Parse<ProductLine>(piece.Manifest.GetProperty("product").GetString()!);
        Assert.Equal(piece.Manifest.GetProperty("report_version").GetUInt32(), report.Version);
        Assert.Equal(report.Version >= 3 ? product : ProductLine.Unknown, report.Product);
        Assert.Equal(fields.GetProperty("vmpl").GetByte(), report.Vmpl);
        Assert.Equal(fields.GetProperty("report_data").GetString(), Convert.ToHexStringLower(report.ReportData));
        Assert.Equal(fields.GetProperty("measurement").GetString(), Convert.ToHexStringLower(report.Measurement));
        Assert.Equal(fields.GetProperty("host_data").GetString(), Convert.ToHexStringLower(report.HostData));
        Assert.Equal(fields.GetProperty("chip_id").GetString(), Convert.ToHexStringLower(report.ChipId));
        Assert.Equal(fields.GetProperty("policy").GetProperty("debug").GetBoolean(), report.Policy.AllowsDebug);
        Assert.Equal(fields.GetProperty("policy").GetProperty("migrate_ma").GetBoolean(), report.Policy.AllowsMigration);
        Assert.Equal(fields.GetProperty("key_info").GetProperty("signing_key").GetString(), report.SigningKey.ToString().ToUpperInvariant());
        Assert.Equal(Tcb(fields.GetProperty("reported_tcb")), report.ReportedTcb(product));
        Assert.Equal(Tcb(fields.GetProperty("committed_tcb")), report.CommittedTcb(product));
        Assert.Equal(Tcb(fields.GetProperty("current_tcb")), report.CurrentTcb(product));
        Assert.Equal(Tcb(fields.GetProperty("launch_tcb")), report.LaunchTcb(product));
        Assert.Equal(fields.GetProperty("current_firmware").GetString(), report.CurrentFirmware.ToString());
        Assert.Equal(fields.GetProperty("committed_firmware").GetString(), report.CommittedFirmware.ToString());
        Assert.Equal(fields.GetProperty("guest_svn").GetUInt32(), report.GuestSvn);
        Assert.Equal(fields.GetProperty("family_id").GetString(), Convert.ToHexStringLower(report.FamilyId));
        Assert.Equal(fields.GetProperty("image_id").GetString(), Convert.ToHexStringLower(report.ImageId));
        Assert.Equal(fields.GetProperty("id_key_digest").GetString(), Convert.ToHexStringLower(report.IdKeyDigest));
        Assert.Equal(fields.GetProperty("author_key_digest").GetString(), Convert.ToHexStringLower(report.AuthorKeyDigest));
        Assert.Equal(fields.GetProperty("key_info").GetProperty("author_key_en").GetInt32() == 1, report.HasAuthorKey);
        Assert.Equal(fields.GetProperty("policy").GetProperty("abi_major").GetByte(), report.Policy.AbiMajor);
        Assert.Equal(fields.GetProperty("policy").GetProperty("abi_minor").GetByte(), report.Policy.AbiMinor);
        Assert.Equal(fields.GetProperty("launch_mit_vector").GetString(), Vector(report.LaunchMitigations));
        Assert.Equal(fields.GetProperty("current_mit_vector").GetString(), Vector(report.CurrentMitigations));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public static void Outside_its_chains_validity_it_is_refused(string id)
    {
        var piece = new Piece(id);
        if (!piece.IsComplete)
            return;

        foreach (string end in new[] { "valid_from", "valid_to" })
        {
            TimeSpan outside = TimeSpan.FromSeconds(end == "valid_from" ? -1 : 1);
            Verdict verdict = piece.Appraise(at: piece.Expected.GetProperty(end).GetDateTimeOffset() + outside);
            Assert.Contains(CheckNames.ChainValidity, verdict.Failures.Select(check => check.Name));
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public static void Every_flipped_bit_of_the_signed_part_and_the_signature_is_refused(string id)
    {
        var piece = new Piece(id);
        if (!piece.IsComplete)
            return;

        var random = new Random(20);
        for (int i = 0; i < 64; i++)
        {
            byte[] report = [.. piece.Report];
            int position = i < 32 ? random.Next(SnpReport.SignedSize) : SnpReport.SignedSize + random.Next(144);
            report[position] ^= (byte)(1 << random.Next(8));
            Assert.False(piece.Appraise(report).Passed, $"byte {position:x}");
        }
    }

    [Fact]
    public static void Without_a_trusted_root_nothing_passes()
    {
        var piece = new Piece(ForeignEvidence.SnpIds().First());
        Verdict verdict = piece.Appraise(roots: []);
        Assert.Equal([CheckNames.TrustedRoot], verdict.Failures.Select(check => check.Name));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public static void A_chain_of_another_product_or_chip_is_refused(string id)
    {
        var piece = new Piece(id);
        if (!piece.IsComplete)
            return;

        foreach (string other in ForeignEvidence.SnpIds().Where(other => other != id && new Piece(other) is { IsComplete: true } found && !found.HasSameKeyAs(piece)))
        {
            Assert.False(piece.Appraise(endorsements: new Piece(other).Endorsements).Passed, other);
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public static void With_the_vendors_revocation_list_required_it_passes_while_the_list_is_current_and_only_then(string id)
    {
        var piece = new Piece(id);
        if (piece.RevocationList is not { } list || !piece.IsComplete || piece.Expected.GetProperty("verdict").GetString() != "valid")
            return;

        Assert.True(CertificateRevocationList.TryParse(list.Bytes, out CertificateRevocationList? parsed));
        DateTimeOffset at = piece.Expected.GetProperty("verify_at").GetDateTimeOffset();
        string[] failures = [.. piece.Appraise(endorsements: [.. piece.Endorsements, list], requireCrl: true).Failures.Select(check => check.Name)];
        Assert.Equal(parsed.IsCurrentAt(at) ? [] : [CheckNames.RevocationList], failures);
        Assert.Equal([CheckNames.RevocationList], piece.Appraise(requireCrl: true).Failures.Select(check => check.Name));
        Endorsement foreign = new(Endorsement.RevocationListMediaType, ForeignEvidence.ReadShared(id.StartsWith("milan", StringComparison.Ordinal) ? "amd/crl/crl-genoa.der" : "amd/crl/crl-milan.der"));
        Assert.Equal([CheckNames.RevocationList], piece.Appraise(endorsements: [.. piece.Endorsements, foreign]).Failures.Select(check => check.Name));
    }

    [Fact]
    public static void A_reissued_certificate_of_the_same_key_passes()
    {
        var piece = new Piece(ForeignEvidence.SnpIds().FirstOrDefault(id => id == "milan-v5-gcp") ?? string.Empty);
        Endorsement reissued = new(Endorsement.CertificateMediaType, ForeignEvidence.Read("milan-v5-gcp", "vcek-reissued.der"));
        Verdict verdict = piece.Appraise(endorsements: [reissued, .. piece.Endorsements.Skip(1)], at: piece.Expected.GetProperty("verify_at").GetDateTimeOffset());
        Assert.True(verdict.Passed, verdict.ToString());
    }

    /// <summary>As the report has it, little-endian.</summary>
    private static string Vector(ulong value) => Convert.ToHexStringLower(BitConverter.GetBytes(value));

    private static TcbVersion Tcb(JsonElement tcb) => new(
        tcb.TryGetProperty("fmc", out JsonElement fmc) ? fmc.GetByte() : (byte)0,
        tcb.GetProperty("bootloader").GetByte(),
        tcb.GetProperty("tee").GetByte(),
        tcb.GetProperty("snp").GetByte(),
        tcb.GetProperty("microcode").GetByte());

    /// <summary>One report with its chain. Claims of ours cannot be in it, so its own REPORT_DATA stands for the bound value.</summary>
    private sealed class Piece
    {
        public Piece(string id)
        {
            Manifest = ForeignEvidence.Snp(id);
            JsonElement files = Manifest.GetProperty("files");
            Report = ForeignEvidence.Read(id, files.GetProperty("evidence").GetString()!);
            Endorsements =
            [
                .. new[] { "vcek", "vlek", "ask", "asvk", "ark" }
                    .Where(name => files.TryGetProperty(name, out _))
                    .Select(name => new Endorsement(Endorsement.CertificateMediaType, ForeignEvidence.Read(id, files.GetProperty(name).GetString()!))),
            ];
        }

        public JsonElement Manifest { get; }

        public JsonElement Expected => Manifest.GetProperty("expected");

        public byte[] Report { get; }

        public Endorsement[] Endorsements { get; }

        /// <summary>The list of the manifest's root, where there is one.</summary>
        public Endorsement? RevocationList => Manifest.GetProperty("files").TryGetProperty("crl", out JsonElement file)
            ? new(Endorsement.RevocationListMediaType, ForeignEvidence.Read(Manifest.GetProperty("id").GetString()!, file.GetString()!))
            : null;

        public bool IsComplete => Manifest.TryGetProperty("endorsement_key_cert", out _) && Endorsements.Length == 3;

        public bool HasSameKeyAs(Piece other) =>
            Manifest.GetProperty("endorsement_key_cert").GetProperty("spki_sha256").GetString() == other.Manifest.GetProperty("endorsement_key_cert").GetProperty("spki_sha256").GetString();

        public Verdict Appraise(byte[]? report = null, Endorsement[]? endorsements = null, DateTimeOffset? at = null, IReadOnlyCollection<ReadOnlyMemory<byte>>? roots = null, bool requireCrl = false)
        {
            var policy = new SnpPolicy
            {
                TrustedRoots = roots ?? AmdRoots.All,
                Measurements = [Report.AsMemory(0x090, SnpReport.MeasurementSize)],
                MaxVmpl = 3,
                AllowProvisionalFirmware = true,
                RequireCrl = requireCrl,
                VlekProviders = ["CN=cc-us-east-2.amazonaws.com"],
            };
            var checks = new VerdictBuilder();
            DateTimeOffset now = at ?? (Expected.TryGetProperty("verify_at", out JsonElement time) && time.ValueKind is JsonValueKind.String ? time.GetDateTimeOffset() : new(2025, 6, 1, 0, 0, 0, TimeSpan.Zero));
            var scope = new AppraisalScope(Report.AsMemory(0x050, SnpReport.ReportDataSize), IsHardwareOnly: false, now);
            SnpAppraiser.Appraise(new(SnpReport.MediaType, report ?? Report), endorsements ?? Endorsements, policy, scope, checks);
            return checks.ToVerdict();
        }
    }
}
