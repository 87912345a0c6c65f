using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Veil.Attestation;
using Veil.Attestation.Snp;
using Veil.Attestation.Tdx;
using Veil.SoftwareTee;

namespace Veil.Client.Tests.Cli.Evidence;

/// <summary><c>veil plan --next-collateral</c>: what newer collateral does to hosts that pass with their own.</summary>
public sealed class PlanCollateralTests : IDisposable
{
    private const string At = "2026-03-01T13:00:00Z";
    private const string RequireEvaluation17 = ""","min_tcb_evaluation":17""";
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly SoftwareTdxPlatform _platform = new(Now);
    private readonly string _folder = Directory.CreateTempSubdirectory("veil-plan-").FullName;
    private readonly string _hosts;

    public PlanCollateralTests()
    {
        _hosts = Directory.CreateDirectory(Path.Combine(_folder, "hosts")).FullName;
        WriteHost("td.cbor", _platform.Endorse());
    }

    [Fact]
    public async Task A_host_that_passes_is_refused_by_its_status_under_newer_TCB_info()
    {
        string policy = Policy("policy.json");
        string newer = Collateral("newer", new() { Status = "OutOfDate", EvaluationNumber = 18 });

        Assert.Equal((0, "td.cbor: accepted\n"), await PlanAsync("--policy", policy));
        (int code, string output) = await PlanAsync("--policy", policy, "--next-collateral", newer);
        Assert.Equal(1, code);
        Assert.StartsWith("td.cbor: refused by the next collateral: tcb-status: found OutOfDate: platform OutOfDate of ", output, StringComparison.Ordinal);

        (code, output) = await PlanAsync("--policy", policy, "--next-collateral", newer, "--json");
        JsonElement host = JsonDocument.Parse(output).RootElement;
        Assert.Equal((1, false, 0), (code, host.GetProperty("accepted").GetBoolean(), host.GetProperty("refused_now").GetArrayLength()));
        Assert.Equal([CheckNames.TcbStatus], host.GetProperty("next").GetProperty("refused_now").EnumerateArray().Select(name => name.GetString()));

        // A policy that takes the newer status with it.
        string next = Policy("next.json", ""","tcb_statuses":["UpToDate","OutOfDate"]""");
        Assert.Equal((0, "td.cbor: accepted\n"), await PlanAsync("--policy", policy, "--next-policy", next, "--next-collateral", newer));
    }

    [Fact]
    public async Task A_host_that_newer_TCB_info_keeps_stays_accepted_and_has_what_the_next_policy_asks_for()
    {
        string policy = Policy("policy.json");
        WriteHost("td.cbor", _platform.Endorse(new() { EvaluationNumber = 16 }));
        string newer = Collateral("newer", new());

        Assert.Equal((0, "td.cbor: accepted\n"), await PlanAsync("--policy", policy, "--next-collateral", newer));
        string next = Policy("next.json", RequireEvaluation17);
        (int code, string output) = await PlanAsync("--policy", policy, "--next-policy", next);
        Assert.Equal(1, code);
        Assert.Contains("td.cbor: refused by the next policy: collateral-number: found 16, wanted at least 17", output, StringComparison.Ordinal);
        Assert.Equal((0, "td.cbor: accepted\n"), await PlanAsync("--policy", policy, "--next-policy", next, "--next-collateral", newer));
    }

    [Fact]
    public async Task The_end_of_the_newer_collateral_is_told_and_an_end_that_nothing_changes_once()
    {
        string policy = Policy("policy.json");
        string newer = Collateral("newer", new() { Made = Now.AddDays(-20) });

        (int code, string output) = await PlanAsync("--policy", policy, "--next-collateral", newer);
        Assert.Equal((1, "td.cbor: refused by the next collateral after 2026-03-11 12:00:00Z: collateral-validity (TCB info nextUpdate)\n"), (code, output));
        (_, output) = await PlanAsync("--policy", policy, "--next-collateral", newer, "--json");
        JsonElement after = JsonDocument.Parse(output).RootElement.GetProperty("next").GetProperty("refused_after");
        Assert.Equal((Now.AddDays(10), CheckNames.CollateralValidity), (after.GetProperty("at").GetDateTimeOffset(), after.GetProperty("check").GetString()));

        (code, output) = await PlanAsync("--policy", policy, "--next-policy", Policy("next.json", RequireEvaluation17), "--days", "40");
        Assert.Equal((1, "td.cbor: refused after 2026-03-30 12:00:00Z: collateral-validity (TCB info nextUpdate)\n"), (code, output));
        (_, output) = await PlanAsync("--policy", policy, "--next-policy", Path.Combine(_folder, "next.json"), "--days", "40", "--json");
        Assert.Equal(CheckNames.CollateralValidity, JsonDocument.Parse(output).RootElement.GetProperty("next").GetProperty("refused_after").GetProperty("check").GetString());
    }

    [Fact]
    public async Task A_host_takes_the_collateral_of_its_own_platform_and_is_refused_where_there_is_none()
    {
        string policy = Policy("policy.json");
        string other = Collateral("other", new() { Fmspc = "00906ED50000" });
        (int code, string output) = await PlanAsync("--policy", policy, "--next-collateral", other);
        Assert.Equal(1, code);
        Assert.Contains("td.cbor: refused by the next collateral: collateral-platform: found FMSPC 00906ed50000", output, StringComparison.Ordinal);
        Assert.Equal((0, "td.cbor: accepted\n"), await PlanAsync("--policy", policy, "--next-collateral", other, "--next-collateral", Collateral("own", new())));
    }

    [Fact]
    public async Task A_newer_list_that_names_the_platform_refuses_it()
    {
        string newer = Collateral("newer", new() { RevokedPck = true });
        File.Delete(Path.Combine(newer, "tcb_info.json"));
        File.Delete(Path.Combine(newer, "qe_identity.json"));
        (int code, string output) = await PlanAsync("--policy", Policy("policy.json"), "--next-collateral", newer);
        Assert.Equal(1, code);
        Assert.Contains("td.cbor: refused by the next collateral: revocation-list: found Intel SGX PCK Certificate is revoked", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_of_lists_alone_is_taken_beside_that_with_TCB_info_in_either_order()
    {
        string policy = Policy("policy.json");
        string newer = Collateral("newer", new() { Status = "OutOfDate" });
        string lists = Collateral("lists", new() { RevokedSigner = true });
        File.Delete(Path.Combine(lists, "tcb_info.json"));
        File.Delete(Path.Combine(lists, "qe_identity.json"));
        foreach (string[] order in new[] { new[] { newer, lists }, [lists, newer] })
        {
            (int code, string output) = await PlanAsync("--policy", policy, "--next-collateral", order[0], "--next-collateral", order[1]);
            Assert.Equal(1, code);
            Assert.Contains("td.cbor: refused by the next collateral: revocation-list", output, StringComparison.Ordinal);
            Assert.Contains("td.cbor: refused by the next collateral: tcb-status", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_list_of_an_authority_that_is_not_the_hosts_changes_nothing_for_it()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        byte[] list = new CertificateRevocationListBuilder().Build(
            new X500DistinguishedName("CN=ARK-Milan"), X509SignatureGenerator.CreateForECDsa(key), 1, Now.AddDays(30), HashAlgorithmName.SHA384,
            X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(new byte[20]), Now.AddDays(-1));
        string other = Directory.CreateDirectory(Path.Combine(_folder, "amd")).FullName;
        File.WriteAllBytes(Path.Combine(other, "ark.crl"), list);
        (int code, string output) = await PlanAsync("--policy", Policy("policy.json"), "--next-collateral", other, "--json");
        Assert.Equal(0, code);
        Assert.Equal(JsonValueKind.Null, JsonDocument.Parse(output).RootElement.GetProperty("next").ValueKind);
    }

    [Fact]
    public async Task A_name_that_would_write_another_line_stays_on_its_own()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Such a name cannot be written there.");
        File.WriteAllText(Path.Combine(_hosts, "a\ntd-2.cbor: accepted"), "no host");
        (int code, string output) = await PlanAsync("--policy", Policy("policy.json"));
        Assert.Equal(1, code);
        Assert.Equal(2, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.StartsWith("a\uFFFDtd-2.cbor: accepted: refused now: unreadable", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_of_SEV_SNP_takes_the_lists_of_its_own_root_alone()
    {
        using SoftwareRoot root = SoftwareRoot.Create(Now);
        using var chip = new SoftwareChip(root, new byte[] { 7 }.Concat(new byte[63]).ToArray(), new(0, 4, 0, 24, 219), Now);
        var guest = new SoftwareGuest { Measurement = SoftwareGuest.MeasurementOf("test guest") };
        File.Delete(Path.Combine(_hosts, "td.cbor"));
        byte[] claims = Claims();
        File.WriteAllBytes(Path.Combine(_hosts, "chip.cbor"), new HostRecord(claims, new(SnpReport.MediaType, chip.Report(guest, HostClaims.BoundValue(claims))), chip.Endorsements).Encode());
        string policy = Path.Combine(_folder, "snp.json");
        File.WriteAllText(policy, $$"""{"v":1,"service":"chat.example","kinds":{"sev-snp":{"trusted_roots":["{{Convert.ToHexStringLower(root.SpkiSha256)}}"],"measurements":["{{Convert.ToHexStringLower(guest.Measurement.Span)}}"]} } }""");

        // Intel's documents and lists are not for it, and AMD's would be.
        Assert.Equal((0, "chip.cbor: accepted\n"), await PlanAsync("--policy", policy, "--next-collateral", Collateral("intel", new() { RevokedPck = true })));
        string lists = Directory.CreateDirectory(Path.Combine(_folder, "amd")).FullName;
        File.WriteAllBytes(Path.Combine(lists, "ark.crl"), root.RevokedIntermediate!.Bytes.ToArray());
        (int code, string output) = await PlanAsync("--policy", policy, "--next-collateral", lists);
        Assert.Equal(1, code);
        Assert.Contains("chip.cbor: refused by the next collateral: revocation-list: found ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Collateral_that_is_not_there_is_one_clear_line()
    {
        string none = Path.Combine(_folder, "none");
        (int code, string output, string error) = await VeilCommand.RunAsync(["plan", _hosts, "--next-collateral", none]);
        Assert.Equal((2, "", $"veil: {none}: found no folder.\n"), (code, output, error));
        Directory.CreateDirectory(none);
        (code, output, error) = await VeilCommand.RunAsync(["plan", _hosts, "--next-collateral", none]);
        Assert.Equal((2, "", $"veil: {none}: holds no collateral.\n"), (code, output, error));
    }

    public void Dispose()
    {
        _platform.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static byte[] Claims() => new HostClaims
    {
        Id = new byte[HostClaims.IdSize],
        Epoch = 5,
        NotBefore = Now,
        NotAfter = Now.AddHours(3),
        Service = "chat.example",
        TlsSpkiSha256 = new byte[HostClaims.HashSize],
        KeyConfig = new byte[41],
        AcceptsPlainRequests = true,
    }.Encode();

    /// <summary>Looks ahead for 20 days unless it is told another number: the hosts' own collateral ends after 29.</summary>
    private async Task<(int Code, string Output)> PlanAsync(params string[] arguments)
    {
        string[] days = arguments.Contains("--days") ? [] : ["--days", "20"];
        (int code, string output, string error) = await VeilCommand.RunAsync(["plan", _hosts, "--at", At, .. days, .. arguments]);
        Assert.Equal("", error);
        return (code, output);
    }

    private void WriteHost(string name, IReadOnlyList<Endorsement> endorsements)
    {
        byte[] claims = Claims();
        byte[] quote = _platform.Quote(new() { Mrtd = new byte[48] }, HostClaims.BoundValue(claims));
        File.WriteAllBytes(Path.Combine(_hosts, name), new HostRecord(claims, new(TdxQuote.MediaType, quote), endorsements).Encode());
    }

    private string Policy(string name, string members = "")
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, $$"""{"v":1,"service":"chat.example","kinds":{"tdx":{"trusted_roots":["{{Convert.ToHexStringLower(_platform.SpkiSha256)}}"],"images":[{"mrtd":"{{new string('0', 96)}}"}]{{members}}} } }""");
        return path;
    }

    private string Collateral(string name, SoftwareTdxCollateral collateral)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        IReadOnlyList<Endorsement> made = _platform.Endorse(collateral);
        string[] names = ["tcb_info.json", "qe_identity.json", "signer.der", "pck_crl.der", "root_ca_crl.der"];
        foreach ((string file, Endorsement endorsement) in names.Zip(made))
        {
            File.WriteAllBytes(Path.Combine(folder, file), endorsement.Bytes.ToArray());
        }

        return folder;
    }
}
