using System.Net;
using Veil.DevStack;

namespace Veil.EndToEnd;

/// <summary>All parties with hosts on TDX machines, in software.</summary>
public sealed class TdxDeploymentFixture : DeploymentFixture
{
    /// <inheritdoc/>
    protected override DeploymentOptions Options => base.Options with { TeeKind = "tdx", Record = false };
}

/// <summary>Gateway and client judge TDX quotes as they do reports of SEV-SNP: the gateway by the file of a policy, the client by the published one and a release.</summary>
public sealed class TdxDeploymentTests(TdxDeploymentFixture fixture) : IClassFixture<TdxDeploymentFixture>
{
    [Fact]
    public async Task A_client_with_nothing_but_the_trust_bundle_is_served_by_a_TDX_host()
    {
        using HttpClient client = fixture.NewClient();
        using HttpResponseMessage answer = await client.GetAsync(fixture.Url("/hello"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}

/// <summary>Machines that a gateway has to refuse.</summary>
public static class RefusedMachineTests
{
    [Theory]
    [InlineData("tdx", "debug", "refused: debug")]
    [InlineData("tdx", "out-of-date", "refused: tcb-status")]
    [InlineData("sev-snp", "uncommitted-firmware", "refused: provisional-firmware")]
    [InlineData("sev-snp", "revoked-intermediate", "refused: revocation-list")]
    public static async Task Hosts_whose_evidence_has_one_fault_are_refused_by_name(string kind, string fault, string line)
    {
        await using Deployment deployment = await Deployment.StartAsync(
            new() { TeeKind = kind, TeeFault = fault, Record = false, AwaitHosts = false, HostCount = 1 }, _ => { }, TestContext.Current.CancellationToken);
        for (int i = 0; i < 150 && !Output(deployment).Contains(line, StringComparison.Ordinal); i++)
            await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.Contains(line, Output(deployment), StringComparison.Ordinal);
        Assert.DoesNotContain("is verified until", Output(deployment), StringComparison.Ordinal);
    }

    private static string Output(Deployment deployment)
    {
        using var file = new FileStream(deployment.Gateway.OutputFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }
}
