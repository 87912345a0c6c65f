using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Veil.Relay.Tests.Rig;
using Veil.ServiceDefaults;

namespace Veil.Relay.Tests.ServiceDefaults;

public sealed partial class ManagementTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TestCertificates _certificates = new();

    [Fact]
    public async Task Health_readiness_and_metrics_are_on_a_port_of_their_own_and_never_on_the_public_one()
    {
        await using AppGateway gateway = await AppGateway.StartAsync(_certificates, AppGateway.Answer("answer"));
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url, "2", "--Server:ManagementListen=127.0.0.1:0");
        using var operatorClient = new HttpClient { BaseAddress = new Uri(relay.App.Services.GetRequiredService<ManagementServer>().Address) };
        using HttpClient client = relay.NewClient();
        var waited = Stopwatch.StartNew();
        using (await client.PostAsync("/g?q=c4n4ry", Sealed.Content([1]), TestContext.Current.CancellationToken))
        using (await client.PostAsync("/c4n4ry", Sealed.Content([1]), TestContext.Current.CancellationToken))
        {
        }

        Assert.Equal("alive\n", await operatorClient.GetStringAsync("/healthz", TestContext.Current.CancellationToken));
        while ((await operatorClient.GetAsync("/readyz", TestContext.Current.CancellationToken)).StatusCode is not HttpStatusCode.OK)
            await Task.Delay(20, TestContext.Current.CancellationToken);

        // A request is counted when it is over, which is a moment after its answer has arrived.
        string metrics;
        do
            metrics = await operatorClient.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        while (!metrics.Contains("veil_relay_requests_total{gateway=\"g\",outcome=\"Answered\"} 1\n", StringComparison.Ordinal) && waited.Elapsed < Patience);
        Assert.Contains("veil_relay_requests_total{gateway=\"g\",outcome=\"Answered\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("veil_relay_requests_total{gateway=\"none\",outcome=\"UnknownGateway\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("c4n4ry", metrics, StringComparison.Ordinal);
        Assert.All(metrics.TrimEnd('\n').Split('\n'), line => Assert.Matches(ExpositionLine(), line));

        foreach (string path in (string[])["/healthz", "/readyz", "/metrics"])
        {
            using HttpResponseMessage answer = await client.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            using HttpResponseMessage post = await operatorClient.PostAsync(path, null, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
        }
    }

    [Fact]
    public async Task A_relay_without_any_keys_is_not_ready()
    {
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, new Uri("https://127.0.0.1:1/"), "2", "--Server:ManagementListen=127.0.0.1:0");
        using var operatorClient = new HttpClient { BaseAddress = new Uri(relay.App.Services.GetRequiredService<ManagementServer>().Address) };
        using HttpResponseMessage answer = await operatorClient.GetAsync("/readyz", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("not ready: gateway-keys\n", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public void Dispose() => _certificates.Dispose();

    [GeneratedRegex("""^(# HELP [a-z_]+ .+|# TYPE [a-z_]+ (counter|gauge|histogram)|[a-z_]+(\{([a-z_]+="[^"]*",?)+\})? -?[0-9.E+-]+)$""")]
    private static partial Regex ExpositionLine();
}
