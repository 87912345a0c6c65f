using System.Net;
using Veil.DevStack;

namespace Veil.EndToEnd;

/// <summary>A deployment whose gateway accepts another measurement than its hosts have.</summary>
public sealed class UnacceptableHostsFixture : DeploymentFixture
{
    /// <inheritdoc/>
    protected override DeploymentOptions Options => base.Options with { Record = false, AcceptedMeasurement = new string('a', 96), AwaitHosts = false };
}

/// <summary>I9: what cannot be checked is refused, by name, and nothing reaches a host.</summary>
public sealed class FailClosedTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public sealed class Without_an_issuer(UnrecordedDeploymentFixture fixture) : IClassFixture<UnrecordedDeploymentFixture>
    {
        [Fact]
        public async Task I9_no_token_is_taken_while_the_issuer_cannot_be_asked()
        {
            using HttpClient http = fixture.NewClient();
            using (HttpResponseMessage served = await http.GetAsync(fixture.Url("/served"), Cancellation))
            {
                Assert.Equal(HttpStatusCode.OK, served.StatusCode);
            }

            int before = fixture.Workload.Heads.Count;
            await fixture.Deployment.Issuer.KillAsync();
            string refusal = await RefusalAsync(http, fixture.Url("/unserved"));
            Assert.Contains("issuer", refusal, StringComparison.OrdinalIgnoreCase);
            Assert.Equal(before, fixture.Workload.Heads.Count);
        }
    }

    public sealed class Without_an_acceptable_host(UnacceptableHostsFixture fixture) : IClassFixture<UnacceptableHostsFixture>
    {
        [Fact]
        public async Task I9_a_host_with_another_measurement_gets_no_byte_and_the_client_a_named_refusal()
        {
            using HttpClient http = fixture.NewClient();
            string refusal = await RefusalAsync(http, fixture.Url("/unserved"));
            Assert.Contains("host", refusal, StringComparison.OrdinalIgnoreCase);
            Assert.Empty(fixture.Workload.Heads);
            Assert.Contains("measurement", await File.ReadAllTextAsync(fixture.Deployment.Gateway.OutputFile, Cancellation), StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <summary>What the client was told: the body of a refusal, or the exception's message.</summary>
    private static async Task<string> RefusalAsync(HttpClient http, Uri url)
    {
        try
        {
            using HttpResponseMessage answer = await http.GetAsync(url, Cancellation);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            return await answer.Content.ReadAsStringAsync(Cancellation);
        }
        catch (HttpRequestException refused)
        {
            return refused.ToString();
        }
    }
}
