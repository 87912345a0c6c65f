using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Veil.Attestation;
using Veil.Bhttp;
using Veil.Gateway.Hosts;
using Veil.Gateway.Services;
using Veil.Gateway.Tests.Parties;
using Veil.SoftwareTee;

namespace Veil.Gateway.Tests.Hosts;

/// <summary>Hosts that are judged by the file of an appraisal policy.</summary>
public sealed class HostPolicyTests : IDisposable
{
    private static readonly byte[] Mrtd = SoftwareGuest.MeasurementOf("a TD");
    private readonly string _folder = Directory.CreateTempSubdirectory("veil-policy-").FullName;
    private readonly SoftwareTdxPlatform _platform = new(DateTimeOffset.UtcNow);

    [Fact]
    public async Task A_TDX_host_serves_by_the_policy_of_its_service_beside_hosts_of_another_kind()
    {
        await using TestHost host = await StartHostAsync(new() { Mrtd = Mrtd });
        await using TestGateway gateway = await StartGatewayAsync(host);

        BinaryResponse answer = await gateway.Client.SendAsync(TestClient.Request(TestGateway.OpenService, "/hello", method: "GET"));

        Assert.Equal(200, answer.Head.Status);
        Assert.Equal("/hello", Assert.Single(host.Received).Path);
    }

    [Theory]
    [InlineData("another image", CheckNames.Measurement)]
    [InlineData("debug", CheckNames.Debug)]
    [InlineData("out of date", CheckNames.TcbStatus)]
    [InlineData("SEV-SNP", CheckNames.EvidenceType)]
    public async Task A_host_that_the_file_does_not_accept_gets_no_request(string fault, string check)
    {
        var guest = new SoftwareTd { Mrtd = fault is "another image" ? SoftwareGuest.MeasurementOf("another TD") : Mrtd };
        if (fault is "debug")
            guest = guest with { Attributes = guest.Attributes | 1 };
        await using TestHost host = fault is "SEV-SNP"
            ? await TestHost.StartAsync(TestGateway.OpenService)
            : await StartHostAsync(guest, fault is "out of date" ? new() { Status = "OutOfDate" } : null);
        await using TestGateway gateway = await StartGatewayAsync(host, waitForAll: false);

        HostPools pools = gateway.Services.GetRequiredService<HostPools>();
        HostLink link = Assert.Single(pools.Of(TestGateway.OpenService).Links);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (link.Refusal is null)
            await Task.Delay(20, patience.Token);

        Assert.Equal(check, link.Refusal);
        Assert.Empty(pools.Of(TestGateway.OpenService).Healthy());
        Assert.Equal(503, (await gateway.Client.SendAsync(TestClient.Request(TestGateway.OpenService, "/", method: "GET"))).Head.Status);
        Assert.Empty(host.Received);
    }

    [Fact]
    public void Clients_get_the_same_policy_and_take_the_software_from_releases()
    {
        Assert.True(HostPolicy.TryRead(Write(Tdx()), out HostPolicy? policy, out _));
        Assert.DoesNotContain(Convert.ToHexString(Mrtd), Encoding.UTF8.GetString(policy.Published.Span), StringComparison.OrdinalIgnoreCase);
        Assert.False(AppraisalPolicy.TryParse(policy.Published, out _, out _));

        ReferenceValues[] releases = [new("tdx", new Dictionary<string, ReadOnlyMemory<byte>> { ["mrtd"] = Mrtd })];
        Assert.True(AppraisalPolicy.TryParse(policy.Published, releases, out AppraisalPolicy? clients, out _));
        Assert.Equal(Mrtd, Assert.Single(clients.Tdx!.Images).Mrtd);
        Assert.Equal(policy.Own.Tdx!.TrustedRoots.Select(root => Convert.ToHexString(root.Span)), clients.Tdx.TrustedRoots.Select(root => Convert.ToHexString(root.Span)));
        Assert.Equal((policy.Own.MaxClaimsLifetime, policy.Own.Tdx.MinimumEvaluationNumber), (clients.MaxClaimsLifetime, clients.Tdx.MinimumEvaluationNumber));
    }

    [Fact]
    public void A_file_that_is_none_or_of_no_service_is_named_in_one_line()
    {
        Assert.Equal([], Problems(Write(Tdx())));
        Assert.Equal(
            ["Hosts:Attestation:TrustedRoots: found nothing; allowed: one value or more: without it no host is accepted", "Hosts:Attestation:Measurements: found nothing; allowed: one value or more: without it no host is accepted"],
            Problems());
        Assert.Contains("cannot be read (FileNotFoundException)", Problems(Path.Combine(_folder, "absent.json"))[0], StringComparison.Ordinal);
        Assert.Contains("kinds.tdx: no images: nothing is accepted.", Problems(Write("""{"v":1,"service":"open.example","kinds":{"tdx":{}}}"""))[0], StringComparison.Ordinal);
        Assert.Contains("freshness: a gateway sends hosts no nonce", Problems(Write(Tdx().Replace("\"v\":1", "\"v\":1,\"freshness\":\"nonce\"", StringComparison.Ordinal)))[0], StringComparison.Ordinal);
        Assert.Contains("allowed: a policy for one of Gateway:Services", Problems(Write(Tdx("other.example")))[0], StringComparison.Ordinal);
        Assert.Contains("allowed: one file for a service", Assert.Single(Problems(Write(Tdx()), Write(Tdx()))), StringComparison.Ordinal);
    }

    [Fact]
    public void The_sample_for_TDX_loads_as_it_stands()
    {
        DirectoryInfo? root = new(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Relay.sln")))
            root = root.Parent;
        Assert.True(HostPolicy.TryRead(Path.Combine(root!.FullName, "ops", "attestation", "appraisal-policy-tdx.json"), out HostPolicy? policy, out IReadOnlyList<string> problems), string.Join('\n', problems));
        Assert.NotNull(policy.Own.Tdx);
    }

    [Theory]
    [InlineData("", "no path")]
    [InlineData("a\0b", "cannot be read (ArgumentException)")]
    [InlineData("/nonexistent/policy.json", "cannot be read (DirectoryNotFoundException)")]
    [InlineData("/dev/zero", "at most 262144 are wanted")]
    public void A_path_that_leads_to_no_policy_is_one_line(string path, string reason)
    {
        string problem = Assert.Single(Problems(path), problem => problem.StartsWith("Hosts:Attestation:PolicyFiles:0", StringComparison.Ordinal));
        Assert.Contains(reason, problem, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _platform.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private Task<TestHost> StartHostAsync(SoftwareTd guest, SoftwareTdxCollateral? collateral = null) =>
        TestHost.StartAsync(TestGateway.OpenService, bound => new SoftwareTdxAttester(_platform, guest, collateral).Attest(bound));

    private Task<TestGateway> StartGatewayAsync(TestHost host, bool waitForAll = true) => TestGateway.StartAsync(
        settings =>
        {
            settings["Gateway:Services:1:Hosts:0:Url"] = host.Url;
            settings["Hosts:Attestation:PolicyFiles:0"] = Write(Tdx());
        },
        waitForAll);

    private string Tdx(string service = TestGateway.OpenService) =>
        $$"""
        {"v":1,"service":"{{service}}","kinds":{"tdx":{"trusted_roots":["{{Convert.ToHexString(_platform.SpkiSha256)}}"],"images":[{"mrtd":"{{Convert.ToHexString(Mrtd)}}"}],"min_tcb_evaluation":3
        } } }
        """;

    private string Write(string json)
    {
        string file = Path.Combine(_folder, $"{Guid.NewGuid():n}.json");
        File.WriteAllText(file, json);
        return file;
    }

    private static string[] Problems(params string[] files)
    {
        var gateway = new GatewayOptions { Services = [new ServiceOptions { Authority = TestGateway.OpenService }] };
        var hosts = new HostsOptions { Attestation = new() { PolicyFiles = files } };
        return [.. new HostsOptionsRules(Options.Create(gateway)).Validate(null, hosts).Failures ?? []];
    }
}
