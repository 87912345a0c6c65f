using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Veil.Relay.Tests.Rig;

namespace Veil.Relay.Tests.ServiceDefaults;

public sealed class OtlpExportTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    [Fact]
    public async Task A_collector_gets_our_meters_and_nothing_of_a_client()
    {
        var received = new TaskCompletionSource<string>();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        await using WebApplication collector = builder.Build();
        collector.Run(async context =>
        {
            var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            received.TrySetResult(Encoding.Latin1.GetString(body.ToArray()));
        });
        await collector.StartAsync(TestContext.Current.CancellationToken);

        await using (AppGateway gateway = await AppGateway.StartAsync(_certificates, AppGateway.Answer("answer")))
        {
            await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url, "2", $"--Server:OtlpEndpoint={collector.Urls.Single()}/v1/metrics");
            using HttpClient client = relay.NewClient();
            using HttpResponseMessage answer = await client.PostAsync("/g?q=c4n4ry", Sealed.Content([1]), TestContext.Current.CancellationToken);
            await relay.App.StopAsync(TestContext.Current.CancellationToken);
        }
        string metrics = await received.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Contains("veil.relay.requests", metrics, StringComparison.Ordinal);
        Assert.Contains("veil-relay", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("c4n4ry", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", metrics, StringComparison.Ordinal);
    }

    public void Dispose() => _certificates.Dispose();
}
