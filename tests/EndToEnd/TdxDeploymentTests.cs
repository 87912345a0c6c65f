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

/// <summary>TDX machines that a gateway has to refuse.</summary>
public static class RefusedTdxDeploymentTests
{
    [Theory]
    [InlineData("debug", "refused: debug")]
    [InlineData("out-of-date", "refused: tcb-status")]
    public static async Task Hosts_that_can_be_read_or_run_replaced_firmware_are_refused_by_name(string fault, string line)
    {
        await using Deployment deployment = await Deployment.StartAsync(
            new() { TeeKind = "tdx", TeeFault = fault, Record = false, AwaitHosts = false, HostCount = 1 }, _ => { }, TestContext.Current.CancellationToken);
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
