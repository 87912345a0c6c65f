using System.Text.Json;
using Veil.Attestation;
using Veil.Attestation.Snp;

namespace Veil.Client.Tests.Cli.Evidence;

/// <summary><c>veil evidence explain</c> on evidence of real machines.</summary>
public static class ExplainTests
{
    private static readonly Dictionary<string, string> CheckByReason = new()
    {
        ["debug-enabled"] = CheckNames.Debug,
        ["endorsement-missing"] = CheckNames.Endorsements,
        ["tcb-not-supported"] = CheckNames.TcbStatus,
    };

    public static TheoryData<string> Ids => [.. RealEvidence.SnpIds()];

    [Theory]
    [MemberData(nameof(Ids))]
    public static async Task Gets_the_verdict_of_its_manifest_for_its_reason_at_its_time_and_none_outside(string id)
    {
        (string folder, JsonElement manifest) = RealEvidence.Open(id);
        JsonElement expected = manifest.GetProperty("expected");
        string at = expected.GetProperty("verify_at").GetString() ?? "2025-06-20T00:00:00Z";
        string reportData = manifest.GetProperty("fields").GetProperty("report_data").GetString()!;

        (int code, JsonElement verdict) = await ExplainAsync(folder, "--at", at, "--report-data", reportData);
        string[] reasons = [.. expected.GetProperty("reasons").EnumerateArray().Select(reason => CheckByReason[reason.GetString()!])];
        Assert.Equal(reasons, Names(verdict, "failed"));
        Assert.Equal(expected.GetProperty("verdict").GetString() == "valid" ? (0, "passed") : (1, "refused"), (code, verdict.GetProperty("verdict").GetString()));
        if (!manifest.TryGetProperty("endorsement_key_cert", out _))
            return;

        DateTimeOffset end = expected.GetProperty("valid_to").GetDateTimeOffset();
        (code, verdict) = await ExplainAsync(folder, "--at", $"{end.AddSeconds(1):O}");
        Assert.Equal(1, code);
        Assert.Contains(CheckNames.ChainValidity, Names(verdict, "failed"));

        string other = (reportData[0] == '0' ? '1' : '0') + reportData[1..];
        (code, verdict) = await ExplainAsync(folder, "--at", at, "--report-data", other);
        Assert.Equal(1, code);
        Assert.Contains(CheckNames.ReportData, Names(verdict, "failed"));
    }

    [Fact]
    public static async Task Every_TDX_quote_gets_the_verdict_of_its_manifest_with_its_collateral_and_none_without()
    {
        foreach ((string folder, JsonElement manifest) in RealEvidence.Tdx())
        {
            JsonElement expected = manifest.GetProperty("expected");
            string at = expected.GetProperty("verify_at").GetString()!;
            (int code, JsonElement verdict) = await ExplainAsync(folder, "--at", at);
            Assert.True(code == (expected.GetProperty("verdict").GetString() == "valid" ? 0 : 1), folder);
            Assert.Equal(expected.GetProperty("reasons").EnumerateArray().Select(reason => CheckByReason[reason.GetString()!]), Names(verdict, "failed"));

            // Outside its time: the chain is over, or not begun.
            foreach (DateTimeOffset outside in new[] { expected.GetProperty("pck_valid_to").GetDateTimeOffset().AddSeconds(1), expected.GetProperty("pck_valid_from").GetDateTimeOffset().AddSeconds(-1) })
            {
                (code, verdict) = await ExplainAsync(folder, "--at", $"{outside:O}");
                Assert.True(code is 1, folder);
                Assert.Contains(CheckNames.ChainValidity, Names(verdict, "failed"));
            }

            (code, _) = await ExplainAsync(folder, "--at", at, "--collateral", Path.GetTempPath());
            Assert.True(code == 1, folder);
        }
    }

    [Fact]
    public static async Task Every_GPU_report_gets_the_verdict_of_its_manifest_and_names_what_nothing_is_known_of()
    {
        foreach ((string folder, JsonElement manifest) in RealEvidence.Gpus())
        {
            Assert.True(manifest.GetProperty("expected").GetProperty("report_signature_ok_leaf").GetBoolean());
            string nonce = manifest.GetProperty("nonce_hex").GetString()!;
            (int code, JsonElement verdict) = await ExplainAsync(folder, "--at", "2026-03-01T00:00:00Z", "--report-data", nonce);
            Assert.Equal(0, code);
            Assert.Equal([CheckNames.Measurement], Names(verdict, "gaps"));
            (code, verdict) = await ExplainAsync(folder, "--at", "2026-03-01T00:00:00Z");
            Assert.Equal(0, code);
            Assert.Equal([CheckNames.Nonce, CheckNames.Measurement], Names(verdict, "gaps"));
            (code, verdict) = await ExplainAsync(folder, "--at", "2026-03-01T00:00:00Z", "--report-data", nonce[2..] + "00");
            Assert.Equal(1, code);
            Assert.Equal([CheckNames.Nonce], Names(verdict, "failed"));

            using var policy = new TemporaryFile("""{"v":1,"service":"a","kinds":{"sev-snp":{"measurements":["MEASUREMENT"]}},"gpu":{"reference_values":[{"index":1,"values":["MEASUREMENT"]}]}}""".Replace("MEASUREMENT", new string('a', 96), StringComparison.Ordinal));
            (code, verdict) = await ExplainAsync(folder, "--at", "2026-03-01T00:00:00Z", "--report-data", nonce, "--policy", policy.Path);
            Assert.Equal(1, code);
            Assert.Equal([CheckNames.Measurement], Names(verdict, "failed"));

            (code, string output, _) = await VeilCommand.RunAsync(["evidence", "record", folder, "--at", "2026-03-01T00:00:00Z"]);
            Assert.Equal(0, code);
            Assert.All(JsonDocument.Parse(output).RootElement.GetProperty("endorsements").EnumerateArray(), part => Assert.False(part.TryGetProperty("bytes", out _)));
        }
    }

    [Fact]
    public static async Task Certificates_of_other_projects_are_read_and_their_SGX_evidence_is_refused_by_name()
    {
        foreach ((string folder, JsonElement manifest) in RealEvidence.Ratls())
        {
            JsonElement expected = manifest.GetProperty("expected");
            Assert.True(manifest.GetProperty("self_signed_signature_ok").GetBoolean() && expected.GetProperty("pubkey_hash_matches").GetBoolean());
            (int code, JsonElement verdict) = await ExplainAsync(folder, "--at", expected.GetProperty("verify_at").GetString()!);
            Assert.Equal(1, code);
            Assert.Equal([CheckNames.ReportFormat], Names(verdict, "failed"));
            (_, string text, _) = await VeilCommand.RunAsync(["evidence", "explain", folder, "--at", expected.GetProperty("verify_at").GetString()!]);
            Assert.Contains("SGX evidence", text, StringComparison.Ordinal);
            Assert.Contains(CheckNames.TlsKey, text, StringComparison.Ordinal);

            (code, verdict) = await ExplainAsync(folder, "--at", "2051-01-01T00:00:00Z");
            Assert.Equal(1, code);
            Assert.Equal([CheckNames.CertificateValidity, CheckNames.ReportFormat], Names(verdict, "failed"));
        }

        foreach ((string folder, _) in RealEvidence.Sgx())
        {
            (int code, JsonElement verdict) = await ExplainAsync(Path.Combine(folder, "quote.bin"), "--at", "2025-06-20T00:00:00Z");
            Assert.Equal(1, code);
            Assert.Equal([CheckNames.ReportFormat], Names(verdict, "failed"));
        }
    }

    [Fact]
    public static async Task Endorsements_can_be_named_one_by_one_and_then_nothing_else_is_taken()
    {
        (string folder, JsonElement manifest) = RealEvidence.Open("milan-v3-azure");
        string at = manifest.GetProperty("expected").GetProperty("verify_at").GetString()!;
        string report = Path.Combine(folder, "report.bin");
        string[] files = [.. new[] { "vcek", "ask", "ark", "crl" }.Select(name => Path.Combine(folder, manifest.GetProperty("files").GetProperty(name).GetString()!))];

        (int code, JsonElement verdict) = await ExplainAsync(report, ["--at", at, .. files.SelectMany(file => new[] { "--endorsement", file })]);
        Assert.Equal(0, code);
        Assert.DoesNotContain(CheckNames.RevocationList, Names(verdict, "gaps"));

        (code, verdict) = await ExplainAsync(report, "--at", at, "--endorsement", files[0]);
        Assert.Equal(1, code);
        Assert.Equal([CheckNames.Endorsements], Names(verdict, "failed"));
    }

    [Fact]
    public static async Task A_policy_refuses_with_the_nearest_accepted_value()
    {
        (string folder, JsonElement manifest) = RealEvidence.Open("milan-v2-virtee");
        using var policy = new TemporaryFile($$"""
            {"v":1,"service":"chat.example","kinds":{"sev-snp":{
              "measurements":["{{manifest.GetProperty("fields").GetProperty("measurement").GetString()}}"],
              "min_tcb":{"Milan":{"bootloader":3,"tee":0,"snp":24,"microcode":219} } } } }
            """);
        (int code, string output, _) = await VeilCommand.RunAsync(
            ["evidence", "explain", folder, "--at", "2025-06-20T00:00:00Z", "--policy", policy.Path, "--report-data", manifest.GetProperty("fields").GetProperty("report_data").GetString()!]);
        Assert.Equal(1, code);
        Assert.Contains("FAILED  minimum-tcb", output, StringComparison.Ordinal);
        Assert.Contains("nearest  fmc 0, bootloader 3, tee 0, snp 24, microcode 219", output, StringComparison.Ordinal);
        Assert.Contains("source   report 0x180", output, StringComparison.Ordinal);
        Assert.EndsWith($"verdict  refused: {CheckNames.MinimumTcb}\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public static async Task The_text_tells_of_every_check_what_was_found_and_wanted_and_where()
    {
        (string folder, JsonElement manifest) = RealEvidence.Open("milan-v2-virtee");
        string[] arguments = ["evidence", "explain", folder, "--at", "2025-06-20T00:00:00Z", "--report-data", manifest.GetProperty("fields").GetProperty("report_data").GetString()!];
        (_, string text, _) = await VeilCommand.RunAsync(arguments);
        (_, string json, _) = await VeilCommand.RunAsync([.. arguments, "--json"]);
        JsonElement[] checks = [.. Checks(JsonDocument.Parse(json).RootElement.GetProperty("groups"))];
        string[] lines = text.Split('\n');
        Assert.Contains(checks, check => check.GetProperty("outcome").GetString() is "passed");
        Assert.Contains(checks, check => check.GetProperty("outcome").GetString() is "gap");
        Assert.All(checks, check =>
        {
            string[] end = [$"wanted   {check.GetProperty("wanted").GetString()}", $"source   {check.GetProperty("source").GetString()}"];
            string head = $"  {check.GetProperty("name").GetString(),-22}  {check.GetProperty("found").GetString()}";
            Assert.Contains(Enumerable.Range(0, lines.Length - 2), i => lines[i].EndsWith(head, StringComparison.Ordinal) && lines[(i + 1)..(i + 3)].Select(line => line.Trim()).SequenceEqual(end.Select(line => line.Trim())));
        });
    }

    [Fact]
    public static async Task What_is_no_evidence_or_no_policy_is_told_in_clear_lines()
    {
        using var file = new TemporaryFile("nothing");
        (int code, string output, string error) = await VeilCommand.RunAsync(["evidence", "explain", file.Path]);
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith($"veil: {file.Path}: found 7 bytes that are no host record", error, StringComparison.Ordinal);

        using var policy = new TemporaryFile("""{"v":2,"service":"a","kinds":{},"x":1}""");
        (code, _, error) = await VeilCommand.RunAsync(["evidence", "explain", file.Path, "--policy", policy.Path]);
        Assert.Equal(2, code);
        Assert.Equal(3, error.Trim().Split('\n').Length);

        (code, _, error) = await VeilCommand.RunAsync(["evidence", "explain", Path.Combine(Path.GetTempPath(), "no such file")]);
        Assert.Equal(2, code);
        Assert.EndsWith("cannot be read.\n", error, StringComparison.Ordinal);
        (code, _, _) = await VeilCommand.RunAsync(["evidence", "explain", file.Path, "--at", "noon"]);
        Assert.Equal(2, code);
        (code, _, _) = await VeilCommand.RunAsync(["evidence", "explain", file.Path, "--report-data", "00"]);
        Assert.Equal(2, code);
    }

    [Fact]
    public static async Task The_bundle_for_support_names_no_chip_and_keeps_the_verdict()
    {
        foreach (string id in new[] { "milan-v3-azure", "turin-v5-oak" })
        {
            (string folder, JsonElement manifest) = RealEvidence.Open(id);
            (int code, string output, _) = await VeilCommand.RunAsync(["evidence", "record", folder, "--at", manifest.GetProperty("expected").GetProperty("verify_at").GetString()!]);
            Assert.Equal(0, code);
            JsonElement bundle = JsonDocument.Parse(output).RootElement;
            Assert.Equal("passed", bundle.GetProperty("verdict").GetProperty("verdict").GetString());

            byte[] chip = Convert.FromHexString(manifest.GetProperty("endorsement_key_cert").GetProperty("amd_extensions").GetProperty("4").GetString()!);
            Assert.DoesNotContain(Convert.ToHexStringLower(chip), output, StringComparison.OrdinalIgnoreCase);
            byte[] report = bundle.GetProperty("evidence").GetProperty("bytes").GetBytesFromBase64();
            Assert.Equal(SnpReport.Size, report.Length);
            JsonElement[] parts = [bundle.GetProperty("evidence"), .. bundle.GetProperty("endorsements").EnumerateArray()];
            Assert.All(parts, part => Assert.True(part.GetProperty("bytes").GetBytesFromBase64().AsSpan().IndexOf(chip) < 0));
        }
    }

    [Fact]
    public static async Task The_bundle_leaves_out_what_may_name_a_machine_that_it_cannot_hide_and_keeps_it_when_asked()
    {
        // A TDX quote: its PCK chain names the platform, its collateral a model.
        foreach ((string folder, _) in RealEvidence.Tdx())
        {
            (_, string output, _) = await VeilCommand.RunAsync(["evidence", "record", folder, "--at", "2025-06-20T00:00:00Z"]);
            JsonElement bundle = JsonDocument.Parse(output).RootElement;
            Assert.False(bundle.GetProperty("evidence").TryGetProperty("bytes", out _));
            Assert.Contains("do not verify here", bundle.GetProperty("note").GetString(), StringComparison.Ordinal);
            Assert.DoesNotContain("-----BEGIN", output, StringComparison.Ordinal);
        }

        // A report whose chip id is masked, or that is malformed in a record: the machine's own certificate is left out, the authorities are not.
        (string snp, JsonElement manifest) = RealEvidence.Open("milan-v3-azure");
        string at = manifest.GetProperty("expected").GetProperty("verify_at").GetString()!;
        string[] files = [.. new[] { "vcek", "ask", "ark", "crl" }.SelectMany(name => new[] { "--endorsement", Path.Combine(snp, manifest.GetProperty("files").GetProperty(name).GetString()!) })];
        byte[] report = await File.ReadAllBytesAsync(Path.Combine(snp, "report.bin"), TestContext.Current.CancellationToken);
        byte[] chip = report[0x1A0..0x1E0];
        report.AsSpan(0x1A0, 64).Clear();
        string copy = Path.Combine(Directory.CreateTempSubdirectory("veil-bundle-").FullName, "report.bin");
        await File.WriteAllBytesAsync(copy, report, TestContext.Current.CancellationToken);
        (_, string masked, _) = await VeilCommand.RunAsync(["evidence", "record", copy, "--at", at, .. files]);
        (_, string whole, _) = await VeilCommand.RunAsync(["evidence", "record", copy, "--at", at, "--whole", .. files]);
        Directory.Delete(Path.GetDirectoryName(copy)!, recursive: true);
        JsonElement[] parts = [.. JsonDocument.Parse(masked).RootElement.GetProperty("endorsements").EnumerateArray()];
        Assert.Single(parts, part => !part.TryGetProperty("bytes", out _));
        Assert.All(parts.Where(part => part.TryGetProperty("bytes", out _)), part => Assert.True(part.GetProperty("bytes").GetBytesFromBase64().AsSpan().IndexOf(chip) < 0));
        Assert.All(JsonDocument.Parse(whole).RootElement.GetProperty("endorsements").EnumerateArray(), part => Assert.True(part.TryGetProperty("bytes", out _)));
        Assert.Equal(JsonValueKind.Null, JsonDocument.Parse(whole).RootElement.GetProperty("note").ValueKind);

        // The verdict over it names the certificate's chip, which the report does not.
        Assert.DoesNotContain(Convert.ToHexStringLower(chip), masked, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(Convert.ToHexStringLower(chip), whole, StringComparison.OrdinalIgnoreCase);
        Assert.Contains($"chip {Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(chip)[..8])}", masked, StringComparison.Ordinal);
    }

    private static Task<(int Code, JsonElement Verdict)> ExplainAsync(string path, params string[] arguments) => ExplainAsync([path, .. arguments]);

    private static async Task<(int Code, JsonElement Verdict)> ExplainAsync(string[] arguments)
    {
        (int code, string output, string error) = await VeilCommand.RunAsync(["evidence", "explain", .. arguments, "--json"]);
        Assert.Equal("", error);
        return (code, JsonDocument.Parse(output).RootElement);
    }

    private static IEnumerable<JsonElement> Checks(JsonElement groups) =>
        groups.EnumerateArray().SelectMany(group => group.GetProperty("checks").EnumerateArray().Concat(Checks(group.GetProperty("groups"))));

    private static string[] Names(JsonElement verdict, string member) => [.. verdict.GetProperty(member).EnumerateArray().Select(name => name.GetString()!)];
}
