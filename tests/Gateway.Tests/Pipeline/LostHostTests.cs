using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Veil.Bhttp;
using Veil.Gateway.Hosts;
using Veil.Gateway.Tests.Parties;
using Veil.Gateway.Tokens;

namespace Veil.Gateway.Tests.Pipeline;

/// <summary>A host that is lost before it answers fails nobody; one that is lost while it answers fails that request, by name, and it is not asked for again.</summary>
public static class LostHostTests
{
    [Fact]
    public static async Task A_request_whose_host_is_lost_before_the_answer_is_answered_by_another()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        var lost = new LostOnce();
        Array.ForEach(gateway.Hosts, host => host.Workload = lost.BeforeTheAnswerAsync);

        BinaryResponse answer = await gateway.Client.SendAsync(TestClient.Request(TestGateway.Service, "/", [1, 2, 3], Draw(gateway)));

        Assert.Equal(200, answer.Head.Status);
        Assert.Equal([1, 2, 3], answer.Content.ToArray());
        Assert.All(gateway.Hosts, host => Assert.Single(host.Received));
        Assert.Equal(1, gateway.Issuer.SpentCount);
    }

    [Fact]
    public static async Task A_chunked_request_whose_host_is_lost_is_repeated_from_its_beginning_and_goes_on()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        var lost = new LostOnce();
        Array.ForEach(gateway.Hosts, host => host.Workload = lost.AfterTheFirstPieceAsync);
        await using var call = new ChunkedCall(gateway.Client, await gateway.Client.KeyAsync(), Head(gateway));

        await call.SendAsync("first "u8.ToArray());
        await lost.Happened;
        await call.SendAsync("second"u8.ToArray());
        await call.EndAsync();

        Assert.Equal("first second"u8.ToArray(), await call.ReceiveAllAsync());
        Assert.True(call.IsComplete);
    }

    [Fact]
    public static async Task A_chunked_request_of_which_too_much_was_sent_is_refused_by_name()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(settings => settings["Gateway:Services:0:KeptRequestBytes"] = "4");
        var lost = new LostOnce();
        Array.ForEach(gateway.Hosts, host => host.Workload = lost.AfterTheFirstPieceAsync);
        await using var call = new ChunkedCall(gateway.Client, await gateway.Client.KeyAsync(), Head(gateway));

        await call.SendAsync("first "u8.ToArray());
        await lost.Happened;

        Assert.Contains("host-failed", System.Text.Encoding.UTF8.GetString(await call.ReceiveAllAsync()), StringComparison.Ordinal);
        Assert.Equal(502, call.Head!.Status);
    }

    [Fact]
    public static async Task A_host_that_was_lost_is_not_given_the_request_again_on_another_connection()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(settings => settings["Gateway:Services:0:Hosts:1:Url"] = settings["Gateway:Services:0:Hosts:0:Url"]);
        var lost = new LostOnce();
        gateway.Hosts[0].Workload = lost.BeforeTheAnswerAsync;

        BinaryResponse answer = await gateway.Client.SendAsync(TestClient.Request(TestGateway.Service, "/", [1], Draw(gateway)));

        Assert.Equal(502, answer.Head.Status);
        Assert.Single(gateway.Hosts[0].Received);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    public static async Task A_request_that_breaks_every_host_is_given_to_so_many_and_no_more(int allowed, int given)
    {
        await using TestGateway gateway = await TestGateway.StartAsync(settings => settings["Gateway:Services:0:HostsPerRequest"] = $"{allowed}");
        Array.ForEach(gateway.Hosts, host => host.Workload = Break);

        BinaryResponse answer = await gateway.Client.SendAsync(TestClient.Request(TestGateway.Service, "/", [1], Draw(gateway)));

        Assert.Equal(502, answer.Head.Status);
        Assert.Contains("host-failed", System.Text.Encoding.UTF8.GetString(answer.Content.Span), StringComparison.Ordinal);
        Assert.Equal(given, gateway.Hosts.Sum(host => host.Received.Count));
    }

    [Fact]
    public static async Task An_answer_that_had_begun_is_not_asked_for_again()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        var isRead = new TaskCompletionSource();
        Array.ForEach(gateway.Hosts, host => host.Workload = async context =>
        {
            await context.Response.Body.WriteAsync(new byte[] { 1 });
            await context.Response.Body.FlushAsync();
            await isRead.Task;
            await Break(context);
        });
        await using var call = new ChunkedCall(gateway.Client, await gateway.Client.KeyAsync(), Head(gateway));
        await call.SendAsync(new byte[] { 1 });
        await call.EndAsync();
        Assert.Equal([1], await call.ReceiveAsync());
        isRead.SetResult();

        await Assert.ThrowsAnyAsync<Exception>(call.ReceiveAllAsync);
        Assert.False(call.IsComplete);
        Assert.Equal(1, gateway.Hosts.Sum(host => host.Received.Count));
    }

    private static byte[] Draw(TestGateway gateway) => gateway.Issuer.Draw(gateway.Services.GetRequiredService<TokenGate>().Challenge.Span);

    private static RequestHead Head(TestGateway gateway) => TestClient.Request(TestGateway.Service, "/", [1], Draw(gateway)).Head;

    private static Task Break(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    /// <summary>Workloads of which the first that is asked is lost; all others echo.</summary>
    private sealed class LostOnce
    {
        private readonly TaskCompletionSource _happened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _asked;

        public Task Happened => _happened.Task.WaitAsync(TimeSpan.FromSeconds(20));

        public Task BeforeTheAnswerAsync(HttpContext context) => IsFirst() ? Lose(context) : TestHost.EchoAsync(context);

        public async Task AfterTheFirstPieceAsync(HttpContext context)
        {
            if (!IsFirst())
            {
                await TestHost.EchoAsync(context);
                return;
            }

            _ = await context.Request.Body.ReadAsync(new byte[1]);
            await Lose(context);
        }

        private bool IsFirst() => Interlocked.Increment(ref _asked) is 1;

        private Task Lose(HttpContext context)
        {
            _happened.TrySetResult();
            return Break(context);
        }
    }
}
