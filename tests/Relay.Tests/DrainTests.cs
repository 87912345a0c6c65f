using System.Net;
using Veil.Relay.Tests.Rig;

namespace Veil.Relay.Tests;

public sealed class DrainTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    [Fact]
    public async Task An_open_exchange_ends_well_after_the_order_to_stop_and_nothing_new_is_taken()
    {
        var entered = new TaskCompletionSource();
        var leave = new TaskCompletionSource();
        await using AppGateway gateway = await AppGateway.StartAsync(_certificates, async context =>
        {
            entered.TrySetResult();
            await leave.Task;
            await AppGateway.Answer("answer")(context);
        });
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url);
        using HttpClient client = relay.NewClient();
        Uri url = relay.Url;
        Task<HttpResponseMessage> open = client.PostAsync(new Uri(url, "/g"), Sealed.Content([1]), TestContext.Current.CancellationToken);
        await entered.Task;

        Task stopping = relay.App.StopAsync(TestContext.Current.CancellationToken);
        while (!relay.Log.Contains("Draining", StringComparison.Ordinal))
            await Task.Delay(10, TestContext.Current.CancellationToken);
        using (HttpClient other = relay.NewClient(HttpVersion.Version11))
        {
            // The listener is unbound right after the log line.
            await Assert.ThrowsAnyAsync<HttpRequestException>(async () =>
            {
                while (true)
                    using (await other.GetAsync(new Uri(url, "/nobody"), TestContext.Current.CancellationToken))
                        await Task.Delay(10, TestContext.Current.CancellationToken);
            });
        }
        Assert.False(stopping.IsCompleted);
        leave.SetResult();
        using HttpResponseMessage answer = await open;
        Assert.Equal("answer", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        await stopping;
        Assert.Contains("Stopped", relay.Log, StringComparison.Ordinal);
    }

    public void Dispose() => _certificates.Dispose();
}
