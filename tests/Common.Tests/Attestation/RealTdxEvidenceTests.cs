using System.Text.Json;
using System.Text.Json.Nodes;
using Veil.Attestation;
using Veil.Attestation.Tdx;

namespace Veil.Common.Tests.Attestation;

/// <summary>Quotes of real TDX machines, versions 4 and 5, with Intel's collateral of their time.</summary>
public static class RealTdxEvidenceTests
{
    /// <summary>What makes a piece invalid, and the check of ours that says so.</summary>
    private static readonly Dictionary<string, string> CheckByReason = new()
    {
        ["debug-enabled"] = CheckNames.Debug,
        ["tcb-not-supported"] = CheckNames.TcbStatus,
    };

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static TheoryData<string> Ids => [.. ForeignEvidence.TdxIds()];

    [Theory]
    [MemberData(nameof(Ids))]
    public static void Gets_the_verdict_of_its_manifest(string id)
    {
        var piece = new TdxPiece(id);
        Verdict verdict = piece.Appraise();
        string[] expected = [.. piece.Expected.GetProperty("reasons").EnumerateArray().Select(reason => CheckByReason[reason.GetString()!])];
        Assert.Equal(expected, verdict.Failures.Select(check => check.Name));
        Assert.Equal(piece.Expected.GetProperty("verdict").GetString() == "valid", verdict.Passed);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public static void Intels_evaluation_comes_out_as_the_manifest_says(string id)
    {
        var piece = new TdxPiece(id);
        TdxQuote quote = piece.Parsed;
        Assert.True(IntelChain.TryParse(quote.CertificateChain.Span, out IntelChain? chain, out _));
        Assert.True(PckExtension.TryRead(chain.Leaf, out PckExtension? pck));
        Assert.True(TcbInfo.TryParse(piece.Endorsements[0].Bytes, out TcbInfo? info, out _));
        Assert.True(QeIdentity.TryParse(piece.Endorsements[1].Bytes, out QeIdentity? identity, out _));
        TcbEvaluation evaluation = TcbEvaluation.Of(quote.Report, pck, info, identity.Matches(quote.EnclaveReport) ? identity.OutcomeOf(quote.EnclaveReport) : null);
        Assert.Equal(Text("qe_status"), evaluation.Enclave?.Status.ToString());
        Assert.Equal(Text("tcb_status"), evaluation.Status?.ToString());
        if (evaluation.Status is not null)
        {
            Assert.Equal(Text("platform_status"), evaluation.Platform?.Status.ToString());
            Assert.Equal(Text("tdx_module_status"), evaluation.Module?.Status.ToString());
            Assert.Equal(piece.Expected.GetProperty("advisories").EnumerateArray().Select(advisory => advisory.GetString()), evaluation.Advisories);
        }

        string? Text(string name) => piece.Expected.GetProperty(name).GetString();
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public static void Its_fields_read_as_the_manifest_says(string id)
    {
        var piece = new TdxPiece(id);
        TdReport report = piece.Parsed.Report;
        JsonElement fields = piece.Manifest.GetProperty("fields");
        Assert.Equal(piece.Manifest.GetProperty("quote_version").GetInt32(), piece.Parsed.Version);
        Same("tee_tcb_svn", report.TcbSvn);
        Same("mrseam", report.SeamModule);
        Same("mrsignerseam", report.SeamSigner);
        Same("seam_attributes", report.SeamAttributes);
        Same("mrtd", report.Mrtd);
        Same("mrconfigid", report.ConfigId);
        Same("mrowner", report.Owner);
        Same("mrownerconfig", report.OwnerConfig);
        Same("report_data", report.ReportData);
        for (int i = 0; i < TdReport.RuntimeRegisters; i++)
            Same($"rtmr{i}", report.Rtmr(i));
        if (report.Is15)
        {
            Same("tee_tcb_svn2", report.CurrentTcbSvn);
            Same("mrservicetd", report.ServiceTd);
        }

        JsonElement flags = piece.Manifest.GetProperty("flags");
        Assert.Equal(flags.GetProperty("debug").GetBoolean(), (report.Attributes & TdAttributes.Debug) != 0);
        Assert.Equal(flags.GetProperty("sept_ve_disable").GetBoolean(), (report.Attributes & TdAttributes.SeptVeDisable) != 0);
        Assert.Equal(flags.GetProperty("pks").GetBoolean(), (report.Attributes & TdAttributes.Pks) != 0);
        Assert.Equal(flags.GetProperty("perfmon").GetBoolean(), (report.Attributes & TdAttributes.Perfmon) != 0);
        JsonElement pck = piece.Manifest.GetProperty("pck");
        Assert.True(IntelChain.TryParse(piece.Parsed.CertificateChain.Span, out IntelChain? chain, out _) && PckExtension.TryRead(chain.Leaf, out _));
        PckExtension.TryRead(chain.Leaf, out PckExtension? platform);
        Assert.Equal(pck.GetProperty("fmspc").GetString(), Convert.ToHexStringLower(platform!.Fmspc));
        Assert.Equal(pck.GetProperty("pcesvn").GetInt32(), platform.PceSvn);
        Assert.Equal(pck.GetProperty("sgx_tcb_components").EnumerateArray().Select(level => level.GetByte()), platform.ComponentSvns);

        void Same(string name, ReadOnlySpan<byte> value) => Assert.Equal(fields.GetProperty(name).GetString(), Convert.ToHexStringLower(value));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public static void Outside_its_collaterals_validity_it_is_refused(string id)
    {
        var piece = new TdxPiece(id);
        foreach ((string end, int seconds) in new[] { ("all_valid_from", -1), ("all_valid_to", 1) })
        {
            Verdict verdict = piece.Appraise(policy: piece.Policy with { RequireCrl = true }, at: piece.Collateral.GetProperty(end).GetDateTimeOffset().AddSeconds(seconds));
            Assert.Contains(verdict.Failures, check => check.Name is CheckNames.CollateralValidity or CheckNames.RevocationList);
        }

        Verdict early = piece.Appraise(at: piece.Expected.GetProperty("pck_valid_from").GetDateTimeOffset().AddSeconds(-1));
        Assert.Contains(CheckNames.ChainValidity, early.Failures.Select(check => check.Name));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public static void The_default_policy_refuses_what_the_manifest_would(string id)
    {
        var piece = new TdxPiece(id);
        Verdict verdict = piece.Appraise(policy: new TdxPolicy { Images = [new() { Mrtd = piece.Parsed.Report.Mrtd.ToArray() }], ConfigIds = piece.Policy.ConfigIds, RequireCrl = piece.Policy.RequireCrl });
        bool accepted = piece.Manifest.GetProperty("policy_flags").GetArrayLength() == 0 && piece.Expected.GetProperty("verdict").GetString() == "valid";
        Assert.Equal(accepted, verdict.Passed);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public static void Every_flipped_bit_before_the_certificates_is_refused(string id)
    {
        var piece = new TdxPiece(id);
        if (!piece.Appraise().Passed)
            return;

        int end = piece.Quote.AsSpan().IndexOf("-----BEGIN"u8);
        var random = new Random(21);
        for (int i = 0; i < 64; i++)
        {
            byte[] quote = [.. piece.Quote];
            int position = random.Next(end);
            quote[position] ^= (byte)(1 << random.Next(8));
            Assert.False(piece.Appraise(quote).Passed, $"byte {position}");
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public static void Every_proper_prefix_is_rejected(string id)
    {
        var piece = new TdxPiece(id);
        int size = piece.Quote.AsSpan().TrimEnd((byte)0).Length;
        for (int length = 0; length < size; length++)
        {
            Assert.False(TdxQuote.TryParse(piece.Quote.AsMemory(0, length), out _, out AttestationError error));
            Assert.NotEqual(AttestationError.None, error);
        }
    }

    [Fact]
    public static void A_quote_that_a_cloud_padded_with_zeros_passes_and_other_padding_does_not()
    {
        var piece = new TdxPiece(First());
        byte[] padded = ForeignEvidence.ReadShared("intel/tdx/v4-gcp-cos113/original-padded.bin");
        Assert.True(padded.Length > new TdxPiece("v4-gcp-cos113").Quote.Length);
        Assert.True(new TdxPiece("v4-gcp-cos113").Appraise(padded).Passed);
        padded[^1] = 1;
        Assert.False(new TdxPiece("v4-gcp-cos113").Appraise(padded).Passed);
        Assert.False(piece.Appraise([.. piece.Quote, 1]).Passed);
    }

    [Fact]
    public static void Sgx_evidence_is_refused_by_name()
    {
        var piece = new TdxPiece(First());
        Verdict verdict = piece.Appraise(ForeignEvidence.ReadShared("intel/sgx/sgx-v3-phala/quote.bin"));
        AppraisalCheck refusal = Assert.Single(verdict.Failures);
        Assert.Equal(CheckNames.ReportFormat, refusal.Name);
        Assert.Contains("SGX evidence is not accepted", refusal.Wanted, StringComparison.Ordinal);
    }

    [Fact]
    public static void Without_a_trusted_root_nothing_passes()
    {
        var piece = new TdxPiece(First());
        Assert.Equal([CheckNames.TrustedRoot], piece.Appraise(policy: piece.Policy with { TrustedRoots = [] }).Failures.Select(check => check.Name));
    }

    [Fact]
    public static void Edited_collateral_is_refused()
    {
        TdxPiece piece = Good();
        AssertFails(piece, CheckNames.CollateralSignature, piece.With(TcbInfo.MediaType, bytes => Replace(bytes, "\"pcesvn\":11", "\"pcesvn\":10")));
        AssertFails(piece, CheckNames.CollateralSignature, piece.With(QeIdentity.MediaType, bytes => Replace(bytes, "\"isvsvn\":4", "\"isvsvn\":3")));
    }

    [Fact]
    public static void Collateral_that_was_serialised_anew_is_refused()
    {
        TdxPiece piece = Good();
        AssertFails(piece, CheckNames.Collateral, piece.With(TcbInfo.MediaType, bytes => JsonSerializer.SerializeToUtf8Bytes(JsonNode.Parse(bytes), Indented)));
        AssertFails(piece, CheckNames.CollateralSignature, piece.With(TcbInfo.MediaType, bytes => Replace(bytes, "\"id\":\"TDX\",", "\"id\": \"TDX\",")));
    }

    [Fact]
    public static void Collateral_framed_in_another_way_is_refused()
    {
        TdxPiece piece = Good();
        AssertFails(piece, CheckNames.Collateral, piece.With(TcbInfo.MediaType, bytes => [.. bytes, (byte)'\n']));
        AssertFails(piece, CheckNames.Collateral, piece.With(TcbInfo.MediaType, bytes => Replace(bytes, "{\"tcbInfo\":", "{ \"tcbInfo\":")));
        AssertFails(piece, CheckNames.Collateral, piece.With(TcbInfo.MediaType, bytes => [.. bytes[..^130], .. System.Text.Encoding.ASCII.GetBytes(System.Text.Encoding.ASCII.GetString(bytes[^130..]).ToUpperInvariant())]));
    }

    [Theory]
    [InlineData("-----BEGIN", " -----BEGIN")]
    [InlineData("-----END", "\n-----END")]
    [InlineData("-----\nMII", "-----\r\nMII")]
    public static void Certificates_written_in_another_way_are_refused(string old, string with)
    {
        string pem = System.Text.Encoding.ASCII.GetString(Good().Parsed.CertificateChain.Span);
        Assert.True(IntelChain.TryParse(System.Text.Encoding.ASCII.GetBytes(pem), out _, out _));
        Assert.Contains(old, pem, StringComparison.Ordinal);
        Assert.False(IntelChain.TryParse(System.Text.Encoding.ASCII.GetBytes(pem.Replace(old, with, StringComparison.Ordinal)), out _, out _));
    }

    [Fact]
    public static void Collateral_with_a_doubled_member_is_refused()
    {
        TdxPiece piece = Good();
        AssertFails(piece, CheckNames.Collateral, piece.With(TcbInfo.MediaType, bytes => Replace(bytes, "{\"tcbInfo\":", "{\"signature\":\"00\",\"tcbInfo\":")));
        AssertFails(piece, CheckNames.Collateral, piece.With(TcbInfo.MediaType, bytes => Replace(bytes, "\"id\":\"TDX\",", "\"id\":\"TDX\",\"id\":\"TDX\",")));
        AssertFails(piece, CheckNames.Collateral, piece.With(TcbInfo.MediaType, bytes => [.. bytes, .. "{}"u8]));
    }

    [Fact]
    public static void Collateral_of_the_wrong_type_is_refused()
    {
        TdxPiece piece = Good();
        byte[] sgxInfo = ForeignEvidence.ReadShared("intel/collateral/sgx-00a067110000-2025-06/tcb_info.json");
        byte[] sgxIdentity = ForeignEvidence.ReadShared("intel/collateral/sgx-00a067110000-2025-06/qe_identity.json");
        AssertFails(piece, CheckNames.Collateral, piece.With(TcbInfo.MediaType, _ => sgxInfo));
        AssertFails(piece, CheckNames.Collateral, piece.With(QeIdentity.MediaType, _ => sgxIdentity));
    }

    [Fact]
    public static void Tcb_info_of_another_kind_of_platform_is_refused()
    {
        TdxPiece piece = Good();
        byte[] other = ForeignEvidence.ReadShared("intel/collateral/tdx-b0c06f000000-2025-06/tcb_info.json");
        AssertFails(piece, CheckNames.CollateralPlatform, piece.With(TcbInfo.MediaType, _ => other));
    }

    [Fact]
    public static void Collateral_older_than_the_policys_number_is_refused()
    {
        TdxPiece piece = Good();
        Assert.True(piece.Appraise(policy: piece.Policy with { MinimumEvaluationNumber = 17 }).Passed);
        Verdict verdict = piece.Appraise(policy: piece.Policy with { MinimumEvaluationNumber = 18 });
        Assert.Equal([CheckNames.CollateralNumber, CheckNames.CollateralNumber], verdict.Failures.Select(check => check.Name));
        Assert.Equal("18", verdict.Failures.First().Nearest);
    }

    [Fact]
    public static void Revocation_lists_unsigned_missing_or_of_another_issuer_are_refused()
    {
        TdxPiece piece = Good();
        AssertFails(piece, CheckNames.RevocationList, piece.With(Endorsement.RevocationListMediaType, bytes => [.. bytes[..^1], (byte)(bytes[^1] ^ 1)]));
        AssertFails(piece, CheckNames.RevocationList, [.. piece.Endorsements.Where(endorsement => endorsement.MediaType != Endorsement.RevocationListMediaType)]);
        byte[] processor = ForeignEvidence.ReadShared("intel/collateral/sgx-00a067110000-2025-06/pck_crl.der");
        AssertFails(piece, CheckNames.RevocationList, [.. piece.Endorsements[..3], new(Endorsement.RevocationListMediaType, processor), piece.Endorsements[4]]);
    }

    [Fact]
    public static void A_memory_of_signatures_changes_no_verdict()
    {
        TdxPiece piece = Good();
        var known = new VerifiedSignatures();
        Assert.True(piece.Appraise(known: known).Passed);
        int remembered = known.Count;
        Assert.True(piece.Appraise(known: known).Passed);
        Assert.Equal(remembered, known.Count);
        AssertFails(piece, CheckNames.CollateralSignature, piece.With(TcbInfo.MediaType, bytes => Replace(bytes, "\"pcesvn\":11", "\"pcesvn\":10")), known);
        Assert.False(piece.Appraise(known: known, at: piece.VerifyAt.AddYears(1)).Passed);
    }

    [Fact]
    public static void Sept_ve_disable_is_asked_for_by_default()
    {
        var piece = new TdxPiece(ForeignEvidence.TdxIds().Contains("v4-azure-vtpm") ? "v4-azure-vtpm" : string.Empty);
        Assert.Equal([CheckNames.TdAttributes], piece.Appraise(policy: piece.Policy with { RequiredAttributes = TdAttributes.SeptVeDisable }).Failures.Select(check => check.Name));
    }

    [Fact]
    public static void A_service_td_is_refused_unless_it_is_pinned()
    {
        var piece = new TdxPiece(ForeignEvidence.TdxIds().Contains("v5-trustee") ? "v5-trustee" : string.Empty);
        Assert.Contains(CheckNames.ServiceTd, piece.Appraise(policy: piece.Policy with { ServiceTds = [] }).Failures.Select(check => check.Name));
        Assert.DoesNotContain(CheckNames.ServiceTd, piece.Appraise().Failures.Select(check => check.Name));
    }

    private static string First() => ForeignEvidence.TdxIds().First();

    private static TdxPiece Good() => new(ForeignEvidence.TdxIds().Contains("v4-gcp-cos113") ? "v4-gcp-cos113" : string.Empty);

    private static void AssertFails(TdxPiece piece, string check, IReadOnlyList<Endorsement> endorsements, VerifiedSignatures? known = null)
    {
        Assert.True(piece.Appraise().Passed);
        Assert.Contains(check, piece.Appraise(endorsements: endorsements, known: known).Failures.Select(failure => failure.Name));
    }

    private static byte[] Replace(byte[] bytes, string old, string with)
    {
        string text = System.Text.Encoding.UTF8.GetString(bytes);
        Assert.Contains(old, text, StringComparison.Ordinal);
        int at = text.IndexOf(old, StringComparison.Ordinal);
        return System.Text.Encoding.UTF8.GetBytes(text[..at] + with + text[(at + old.Length)..]);
    }
}
