using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Veil.Attestation;
using Veil.Attestation.Snp;
using Veil.SoftwareTee;

namespace Veil.Client.Tests.Cli.Evidence;

/// <summary><c>veil evidence explain</c> and <c>veil plan</c> on records and certificates of hosts.</summary>
public sealed class HostRecordCommandTests : IDisposable
{
    private const string Service = "chat.example";
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TcbVersion Tcb = new(0, 4, 0, 24, 219);
    private static readonly Lazy<SoftwareRoot> Root = new(() => SoftwareRoot.Create(Now));
    private readonly string _folder = Directory.CreateTempSubdirectory("veil-evidence").FullName;
    private readonly SoftwareGuest _guest = new() { Measurement = SoftwareGuest.MeasurementOf("test guest") };

    [Fact]
    public async Task A_record_and_its_certificate_pass_their_policy_and_fail_after_their_claims()
    {
        string policy = Policy("policy.json", Tcb);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        HostRecord record = Record(Tcb, SHA256.HashData(key.ExportSubjectPublicKeyInfo()));
        string recordFile = Write("host.cbor", record.Encode());
        string leafFile = Path.Combine(_folder, "host.pem");
        File.WriteAllText(leafFile, Leaf(key, record).ExportCertificatePem());

        foreach (string file in new[] { recordFile, leafFile })
        {
            Assert.Equal((0, "passed", ""), await ExplainAsync(file, "2026-03-01T13:00:00Z", "--policy", policy));
            (int code, string verdict, string failed) = await ExplainAsync(file, "2026-03-01T16:00:01Z", "--policy", policy);
            Assert.Equal((1, "refused"), (code, verdict));
            Assert.Contains(CheckNames.ClaimsValidity, failed, StringComparison.Ordinal);
        }

        // Without a policy its root is not AMD's.
        Assert.Equal((1, "refused", CheckNames.TrustedRoot), await ExplainAsync(recordFile, "2026-03-01T13:00:00Z"));

        using ECDsa thief = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Equal((1, "refused", CheckNames.TlsKey), await ExplainAsync(Write("stolen.der", Leaf(thief, record).RawData), "2026-03-01T13:00:00Z", "--policy", policy));
    }

    [Fact]
    public async Task A_policy_of_nonces_passes_with_the_nonce_that_the_host_was_asked_with_and_no_other()
    {
        const string At = "2026-03-01T13:00:00Z";
        byte[] nonce = RandomNumberGenerator.GetBytes(HostClaims.MinNonceSize);
        string digits = Convert.ToHexStringLower(nonce);
        string policy = Policy("nonce.json", Tcb, "nonce");
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        HostRecord asked = Record(Tcb, SHA256.HashData(key.ExportSubjectPublicKeyInfo()), nonce);
        string record = Write("asked.cbor", asked.Encode());
        foreach (string file in new[] { record, Write("asked.der", Leaf(key, asked).RawData) })
        {
            Assert.Equal((0, "passed", ""), await ExplainAsync(file, At, "--policy", policy, "--nonce", digits));
            Assert.Equal((1, "refused", CheckNames.ReportData), await ExplainAsync(file, At, "--policy", policy, "--nonce", digits[2..] + digits[..2]));
            Assert.Equal((1, "refused", $"{CheckNames.Nonce} {CheckNames.ReportData}"), await ExplainAsync(file, At, "--policy", policy));
        }

        // A record that was asked with none.
        string unasked = Write("unasked.cbor", Record(Tcb, new byte[32]).Encode());
        Assert.Equal((1, "refused", CheckNames.Nonce), await ExplainAsync(unasked, At, "--policy", policy));
        Assert.Equal((1, "refused", CheckNames.ReportData), await ExplainAsync(unasked, At, "--policy", policy, "--nonce", digits));

        (int code, string bundle, _) = await VeilCommand.RunAsync(["evidence", "record", record, "--policy", policy, "--at", At, "--nonce", digits]);
        Assert.Equal((0, "passed"), (code, JsonDocument.Parse(bundle).RootElement.GetProperty("verdict").GetProperty("verdict").GetString()));
    }

    [Theory]
    [InlineData("00")]
    [InlineData("000102030405060708090a0b0c0d0e0")]
    [InlineData("000102030405060708090a0b0c0d0e0g")]
    public async Task A_nonce_that_is_none_is_told_in_one_line(string digits)
    {
        (int code, _, string error) = await VeilCommand.RunAsync(["evidence", "explain", "host.cbor", "--nonce", digits]);
        Assert.Equal((2, $"--nonce: found {digits.Length} characters; 32 to 128 hexadecimal digits are wanted, two for each byte.\n"), (code, error));
    }

    [Fact]
    public async Task A_bare_report_takes_no_nonce()
    {
        string report = Write("report.bin", Record(Tcb, new byte[32]).Evidence.Bytes.ToArray());
        (int code, string output, string error) = await VeilCommand.RunAsync(["evidence", "explain", report, "--nonce", new string('0', 32)]);
        Assert.Equal((2, "", $"veil: {report}: --nonce is for a record of Veil's; what other evidence is over is told with --report-data.\n"), (code, output, error));
    }

    [Fact]
    public async Task A_plan_names_who_is_refused_when_certificates_end_and_when_the_least_firmware_rises()
    {
        string hosts = Directory.CreateDirectory(Path.Combine(_folder, "hosts")).FullName;
        File.WriteAllBytes(Path.Combine(hosts, "new.cbor"), Record(Tcb, new byte[32]).Encode());
        File.WriteAllBytes(Path.Combine(hosts, "old.cbor"), Record(Tcb with { Snp = 23 }, new byte[32]).Encode());
        string policy = Policy("policy.json", Tcb with { Snp = 23 });
        string next = Policy("next.json", Tcb);

        (int code, string output, string error) = await VeilCommand.RunAsync(["plan", hosts, "--policy", policy, "--at", "2026-03-01T13:00:00Z"]);
        Assert.Equal((0, "", "new.cbor: accepted\nold.cbor: accepted\n"), (code, error, output));

        (code, output, _) = await VeilCommand.RunAsync(["plan", hosts, "--policy", policy, "--next-policy", next, "--at", "2026-03-01T13:00:00Z"]);
        Assert.Equal(1, code);
        Assert.Contains("new.cbor: accepted\n", output, StringComparison.Ordinal);
        Assert.Contains("old.cbor: refused by the next policy: minimum-tcb: found reported fmc 0, bootloader 4, tee 0, snp 23", output, StringComparison.Ordinal);

        (code, output, _) = await VeilCommand.RunAsync(["plan", hosts, "--policy", policy, "--at", "2033-01-01T00:00:00Z", "--days", "90", "--json"]);
        Assert.Equal(1, code);
        JsonElement first = JsonDocument.Parse(output.Split('\n')[0]).RootElement;
        Assert.Equal((false, "2033-02-28T12:00:00+00:00", CheckNames.ChainValidity, "SEV-VCEK not_after"), (
            first.GetProperty("accepted").GetBoolean(),
            first.GetProperty("refused_after").GetProperty("at").GetString(),
            first.GetProperty("refused_after").GetProperty("check").GetString(),
            first.GetProperty("refused_after").GetProperty("source").GetString()));

        (code, output, _) = await VeilCommand.RunAsync(["plan", hosts, "--policy", policy, "--at", "2034-01-01T00:00:00Z"]);
        Assert.Equal(1, code);
        Assert.Contains("new.cbor: refused now: chain-validity", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_cannot_be_read_is_refused_and_the_others_are_planned()
    {
        string hosts = Directory.CreateDirectory(Path.Combine(_folder, "hosts")).FullName;
        File.WriteAllText(Path.Combine(hosts, "broken.cbor"), "nothing");
        Directory.CreateDirectory(Path.Combine(hosts, "folder"));
        File.WriteAllText(Path.Combine(hosts, "folder", "manifest.json"), """{"files":{"evidence":"report.bin","vcek":null}}""");
        File.CreateSymbolicLink(Path.Combine(hosts, "gone.cbor"), Path.Combine(_folder, "nowhere"));
        File.WriteAllBytes(Path.Combine(hosts, "host.cbor"), Record(Tcb, new byte[32]).Encode());
        string[] arguments = ["plan", hosts, "--policy", Policy("policy.json", Tcb), "--next-policy", Policy("next.json", Tcb), "--at", "2026-03-01T13:00:00Z"];

        (int code, string output, string error) = await VeilCommand.RunAsync(arguments);
        Assert.Equal((1, ""), (code, error));
        string[] lines = output.TrimEnd().Split('\n');
        Assert.StartsWith("broken.cbor: refused now: unreadable: found 7 bytes that are no host record", lines[0], StringComparison.Ordinal);
        Assert.Equal([$"folder: refused now: unreadable: {Path.Combine(hosts, "folder", "manifest.json")}: names no files.", "gone.cbor: refused now: unreadable: cannot be read.", "host.cbor: accepted"], lines[1..]);

        (code, output, _) = await VeilCommand.RunAsync([.. arguments, "--json"]);
        JsonElement[] outlooks = [.. output.TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(1, code);
        Assert.Equal([false, false, false, true], outlooks.Select(outlook => outlook.GetProperty("accepted").GetBoolean()));
        Assert.Equal(("unreadable", "cannot be read."), (outlooks[2].GetProperty("refused_now")[0].GetString(), outlooks[2].GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task A_plan_needs_a_folder_with_hosts()
    {
        (int code, _, string error) = await VeilCommand.RunAsync(["plan", Path.Combine(_folder, "none")]);
        Assert.Equal((2, $"veil: {Path.Combine(_folder, "none")}: found no folder.\n"), (code, error));
        Directory.CreateDirectory(Path.Combine(_folder, "empty"));
        (code, _, _) = await VeilCommand.RunAsync(["plan", Path.Combine(_folder, "empty")]);
        Assert.Equal(2, code);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<(int Code, string Verdict, string Failed)> ExplainAsync(string file, string at, params string[] arguments)
    {
        (int code, string output, string error) = await VeilCommand.RunAsync(["evidence", "explain", file, "--at", at, "--json", .. arguments]);
        Assert.Equal("", error);
        JsonElement verdict = JsonDocument.Parse(output).RootElement;
        return (code, verdict.GetProperty("verdict").GetString()!, string.Join(' ', verdict.GetProperty("failed").EnumerateArray().Select(name => name.GetString())));
    }

    private static X509Certificate2 Leaf(ECDsa key, HostRecord record)
    {
        var request = new CertificateRequest("CN=Veil host", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(RatlsExtension.Create(record));
        return request.CreateSelfSigned(Now, Now.AddHours(3));
    }

    private HostRecord Record(TcbVersion tcb, byte[] tlsKey, byte[]? nonce = null)
    {
        byte[] chipId = new byte[SnpReport.ChipIdSize];
        chipId.AsSpan().Fill(tcb.Snp);
        using var chip = new SoftwareChip(Root.Value, chipId, tcb, Now);
        byte[] claims = new HostClaims
        {
            Id = new byte[HostClaims.IdSize],
            Epoch = 5,
            NotBefore = Now,
            NotAfter = Now.AddHours(3),
            Service = Service,
            TlsSpkiSha256 = tlsKey,
            KeyConfig = new byte[41],
            AcceptsPlainRequests = true,
        }.Encode();
        byte[] bound = nonce is null ? HostClaims.BoundValue(claims) : HostClaims.NonceBoundValue(claims, nonce);
        return new(claims, new(SnpReport.MediaType, chip.Report(_guest, bound)), chip.Endorsements);
    }

    private string Policy(string name, TcbVersion minimum, string freshness = "epoch") => Write(name, JsonSerializer.SerializeToUtf8Bytes(new
    {
        v = 1,
        service = Service,
        freshness,
        kinds = new Dictionary<string, object>
        {
            ["sev-snp"] = new
            {
                trusted_roots = new[] { Convert.ToHexStringLower(Root.Value.SpkiSha256) },
                measurements = new[] { Convert.ToHexStringLower(_guest.Measurement.Span) },
                min_tcb = new { Milan = new { bootloader = minimum.Bootloader, tee = minimum.Tee, snp = minimum.Snp, microcode = minimum.Microcode } },
            },
        },
    }));

    private string Write(string name, byte[] bytes)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
