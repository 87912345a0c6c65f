using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Veil.Bhttp;
using Veil.Gateway.Hosts;
using Veil.Gateway.Tests.Parties;
using Veil.Gateway.Tokens;
using Veil.Ohttp;
using Veil.SoftwareTee;

namespace Veil.Gateway.Tests.Pipeline;

/// <summary>I9: when something that a decision needs is missing, the decision is no, and it has a name.</summary>
public static class FailClosedTests
{
    [Fact]
    public static async Task Without_the_issuers_verdict_nothing_reaches_a_host()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(settings => settings["Redemption:Timeout"] = "00:00:00.300");
        byte[] token = gateway.Issuer.Draw(gateway.Services.GetRequiredService<TokenGate>().Challenge.Span);
        gateway.Issuer.IsDown = true;

        BinaryResponse answer = await gateway.Client.SendAsync(TestClient.Request(TestGateway.Service, "/", [1], token));

        Assert.Equal(503, answer.Head.Status);
        Assert.Contains("issuer-unavailable", System.Text.Encoding.UTF8.GetString(answer.Content.Span), StringComparison.Ordinal);
        Assert.All(gateway.Hosts, host => Assert.Empty(host.Received));
    }

    [Fact]
    public static async Task An_issuer_that_refuses_this_gateway_is_not_asked_for_every_request()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(settings => settings["Redemption:RefusalPause"] = "00:05:00");
        gateway.Issuer.Refusal = StatusCodes.Status403Forbidden;
        ReadOnlyMemory<byte> challenge = gateway.Services.GetRequiredService<TokenGate>().Challenge;

        for (int i = 0; i < 10; i++)
            Assert.Equal(503, (await gateway.Client.SendAsync(TestClient.Request(TestGateway.Service, "/", [1], gateway.Issuer.Draw(challenge.Span)))).Head.Status);

        Assert.Equal(1, gateway.Issuer.Calls);
        Assert.All(gateway.Hosts, host => Assert.Empty(host.Received));
    }

    [Fact]
    public static async Task A_host_of_another_measurement_gets_not_a_byte()
    {
        await using TestHost impostor = await TestHost.StartAsync(TestGateway.Service, TestHost.Guest with { Measurement = SoftwareGuest.MeasurementOf("something else") });
        await using TestGateway gateway = await TestGateway.StartAsync(settings =>
        {
            settings["Gateway:Services:2:Authority"] = "impostor.example";
            settings["Gateway:Services:2:Hosts:0:Url"] = impostor.Url;
            settings["Gateway:Services:2:TokensPerRequest"] = "0";
            settings["Hosts:WaitForHost"] = "00:00:00.100";
        }, waitForAll: false);

        BinaryResponse answer = await gateway.Client.SendAsync(TestClient.Request("impostor.example", "/"));

        Assert.Equal(503, answer.Head.Status);
        Assert.Contains("no-host", System.Text.Encoding.UTF8.GetString(answer.Content.Span), StringComparison.Ordinal);
        Assert.Empty(impostor.Received);
    }

    /// <summary>As when its release was taken out: the gateway's own settings may still accept it.</summary>
    [Fact]
    public static async Task A_host_that_clients_do_not_accept_gets_no_request_and_no_token_is_spent()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(settings => settings["Hosts:WaitForHost"] = "00:00:00.100");
        ReadOnlyMemory<byte> challenge = gateway.Services.GetRequiredService<TokenGate>().Challenge;
        ReadOnlyMemory<byte> accepted = gateway.Services.GetRequiredService<HostPools>().Of(TestGateway.Service).Healthy()[0].Host.ClaimsSha256;
        HostGate gate = gateway.Services.GetRequiredService<HostGate>();

        gate.Set(record => System.Security.Cryptography.SHA256.HashData(record.EncodedClaims.Span).AsSpan().SequenceEqual(accepted.Span));
        for (int i = 0; i < 10; i++)
            Assert.Equal(200, (await gateway.Client.SendAsync(TestClient.Request(TestGateway.Service, "/", [1], gateway.Issuer.Draw(challenge.Span)))).Head.Status);
        Assert.Single(gateway.Hosts, host => !host.Received.IsEmpty);

        int calls = gateway.Issuer.Calls;
        gate.Set(_ => false);
        Assert.Equal(503, (await gateway.Client.SendAsync(TestClient.Request(TestGateway.Service, "/", [1], gateway.Issuer.Draw(challenge.Span)))).Head.Status);
        Assert.Equal(calls, gateway.Issuer.Calls);
    }

    [Fact]
    public static async Task Requests_go_on_while_keys_rotate()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(settings =>
        {
            settings["Keys:EpochLength"] = "00:00:02";
            settings["Keys:Notice"] = "00:00:01";
            settings["Keys:Grace"] = "00:00:02";
            settings["Keys:Overlap"] = "00:00:01";
            settings["Keys:LookEvery"] = "00:00:00.100";
        });
        var keys = new HashSet<byte>();
        using var enough = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (keys.Count < 4 && !enough.IsCancellationRequested)
        {
            Ohttp.KeyConfig key = await gateway.Client.KeyAsync();
            keys.Add(key.KeyId);
            BinaryResponse[] answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => gateway.Client.SendAsync(TestClient.Request(TestGateway.OpenService, "/"), key)));
            Assert.All(answers, answer => Assert.Equal(200, answer.Head.Status));
        }

        Assert.Equal(4, keys.Count);
    }

    [Fact]
    public static async Task Hosts_are_verified_again_and_again_without_losing_a_request()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(settings => settings["Hosts:VerifyEvery"] = "00:00:01");
        int before = gateway.OpenHost.Clients.Count;
        while (gateway.OpenHost.Clients.Count < before + 2)
        {
            Assert.Equal(200, (await gateway.Client.SendAsync(TestClient.Request(TestGateway.OpenService, "/"))).Head.Status);
        }
    }

    [Fact]
    public static async Task An_answer_that_never_ends_is_ended_after_the_longest_duration()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(settings => settings["Gateway:Services:1:MaxDuration"] = "00:00:01");
        var broken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        gateway.OpenHost.Workload = async context =>
        {
            context.RequestAborted.Register(() => broken.TrySetResult());
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.WriteAsync("drop");
                await context.Response.Body.FlushAsync();
                await Task.Delay(20);
            }
        };

        BinaryResponse answer = await gateway.Client.SendAsync(TestClient.Request(TestGateway.OpenService, "/")).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        Assert.Equal(504, answer.Head.Status);
        await broken.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public static async Task When_the_memory_for_plain_exchanges_is_full_more_are_refused_until_some_end()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(settings => settings["Gateway:MaxBufferedBytes"] = "1048576");
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var letGo = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        foreach (TestHost host in gateway.Hosts)
        {
            host.Workload = context =>
            {
                begun.TrySetResult();
                return letGo.Task;
            };
        }

        byte[] challenge = gateway.Services.GetRequiredService<TokenGate>().Challenge.ToArray();
        Task<BinaryResponse> holding = gateway.Client.SendAsync(TestClient.Request(TestGateway.Service, "/", new byte[600_000], gateway.Issuer.Draw(challenge)));
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        (byte[] tooMuch, ResponseOpener opener) = TestClient.Seal(await gateway.Client.KeyAsync(), TestClient.Request(TestGateway.Service, "/", new byte[600_000], gateway.Issuer.Draw(challenge)));
        using HttpResponseMessage refused = await gateway.Client.PostAsync(tooMuch);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);

        letGo.SetResult();
        Assert.Equal(200, (await holding).Head.Status);
        using HttpResponseMessage taken = await gateway.Client.PostAsync(tooMuch);
        Assert.Equal(200, (await TestClient.OpenAsync(taken, opener)).Head.Status);
    }

    [Fact]
    public static async Task An_answer_that_outgrows_the_memory_for_plain_exchanges_is_refused()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(settings => settings["Gateway:MaxBufferedBytes"] = "1048576");
        gateway.OpenHost.Workload = context => context.Response.Body.WriteAsync(new byte[int.Parse(context.Request.Path.Value![1..], CultureInfo.InvariantCulture)]).AsTask();
        for (int i = 0; i < 3; i++)
        {
            // What one held is free again for the next.
            Assert.Equal(200, (await gateway.Client.SendAsync(TestClient.Request(TestGateway.OpenService, "/300000"))).Head.Status);
            Assert.Equal(502, (await gateway.Client.SendAsync(TestClient.Request(TestGateway.OpenService, "/1100000"))).Head.Status);
        }
    }

    [Fact]
    public static async Task A_host_that_is_lost_during_the_redemption_does_not_cost_the_token()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(settings =>
        {
            settings["Hosts:VerifyEvery"] = "00:00:01";
            settings["Hosts:WaitForHost"] = "00:00:20";
        });
        byte[] token = gateway.Issuer.Draw(gateway.Services.GetRequiredService<TokenGate>().Challenge.Span);
        HostPool pool = gateway.Services.GetRequiredService<HostPools>().Of(TestGateway.Service);
        gateway.Issuer.BeforeVerdict = async () =>
        {
            await gateway.Hosts[0].StopAsync();
            while (pool.Links[0].Current is not null || pool.Links[1].Current is null)
                await Task.Delay(10);
        };

        // Only the first host can be picked until the other one is verified again.
        pool.Links[1].Current!.Retire();
        BinaryResponse answer = await gateway.Client.SendAsync(TestClient.Request(TestGateway.Service, "/moved", [1], token));

        Assert.Equal(200, answer.Head.Status);
        Assert.Single(gateway.Hosts[1].Received, request => request.Path == "/moved");
        Assert.Equal(1, gateway.Issuer.SpentCount);
    }
}
