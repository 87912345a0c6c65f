using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Veil.Bhttp;
using Veil.Gateway.Tests.Parties;
using Veil.Gateway.Tokens;
using Veil.PrivacyPass;

namespace Veil.Gateway.Tests.Pipeline;

/// <summary>A gateway whose service costs two tokens a unit, and takes three units.</summary>
public sealed class PricedGatewayFixture : IAsyncLifetime
{
    internal TestGateway Gateway { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Gateway = await TestGateway.StartAsync(settings =>
    {
        settings["Gateway:Services:0:TokensPerRequest"] = "2";
        settings["Gateway:Services:0:MaxTokensPerRequest"] = "7";
        settings["Gateway:Services:0:MaxRequestBytes"] = "1000";
        settings["Gateway:Services:0:MaxAnswerBytes"] = "2000";
    });

    public ValueTask DisposeAsync() => Gateway.DisposeAsync();
}

/// <summary>What a request may take follows from the tokens that it carries.</summary>
public sealed class BoundedWorkTests(PricedGatewayFixture fixture) : IClassFixture<PricedGatewayFixture>
{
    private readonly TestGateway _gateway = fixture.Gateway;

    [Theory]
    [InlineData(0, 1000, 401)]
    [InlineData(1, 1000, 401)]
    [InlineData(2, 1000, 200)]
    [InlineData(2, 1001, 413)]
    [InlineData(3, 1000, 401)]
    [InlineData(4, 2000, 200)]
    [InlineData(4, 2001, 413)]
    [InlineData(5, 1000, 401)]
    [InlineData(6, 3000, 200)]
    [InlineData(6, 3001, 413)]
    [InlineData(7, 1000, 401)]
    [InlineData(8, 1000, 401)]
    public async Task Tokens_of_whole_units_allow_so_many_times_the_content(int tokens, int length, int status)
    {
        UseWorkload(context => context.Response.WriteAsync("ok"));
        int spent = _gateway.Issuer.SpentCount;
        BinaryResponse answer = await SendAsync(Draw(tokens), length);

        Assert.Equal(status, answer.Head.Status);
        Assert.Equal(status is 200 ? tokens : 0, _gateway.Issuer.SpentCount - spent);
    }

    [Theory]
    [InlineData(2, 2000, 200)]
    [InlineData(2, 2001, 502)]
    [InlineData(4, 4000, 200)]
    [InlineData(4, 4001, 502)]
    public async Task An_answer_is_bounded_by_the_units_that_were_paid(int tokens, int length, int status)
    {
        UseWorkload(context => context.Response.Body.WriteAsync(new byte[length]).AsTask());

        Assert.Equal(status, (await SendAsync(Draw(tokens), 1)).Head.Status);
    }

    [Fact]
    public async Task When_one_of_several_is_spent_the_request_is_refused_and_the_others_are_spent_too()
    {
        UseWorkload(context => context.Response.WriteAsync("ok"));
        byte[][] first = Draw(2);
        byte[][] second = Draw(2);
        Assert.Equal(200, (await SendAsync(first, 1)).Head.Status);
        int received = _gateway.Hosts.Sum(host => host.Received.Count);

        Assert.Equal(401, (await SendAsync([first[0], second[0]], 1)).Head.Status);
        Assert.Equal(401, (await SendAsync(second, 1)).Head.Status);

        Assert.Equal(received, _gateway.Hosts.Sum(host => host.Received.Count));
    }

    [Fact]
    public async Task One_token_twice_is_not_two_tokens()
    {
        byte[] token = Draw(1)[0];
        int spent = _gateway.Issuer.SpentCount;

        Assert.Equal(401, (await SendAsync([token, token], 1)).Head.Status);
        Assert.Equal(spent, _gateway.Issuer.SpentCount);
    }

    [Fact]
    public async Task More_work_takes_longer_by_so_many_times()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(settings =>
        {
            settings["Gateway:Services:0:MaxTokensPerRequest"] = "32";
            settings["Gateway:Services:0:MaxDuration"] = "00:00:01";
        });
        foreach (TestHost host in gateway.Hosts)
        {
            host.Workload = async context =>
            {
                await Task.Delay(TimeSpan.FromSeconds(2), context.RequestAborted);
                await context.Response.WriteAsync("late");
            };
        }

        ReadOnlyMemory<byte> challenge = gateway.Services.GetRequiredService<TokenGate>().Challenge;
        byte[][] tokens = [.. Enumerable.Range(0, 33).Select(_ => gateway.Issuer.Draw(challenge.Span))];

        Assert.Equal(504, (await SendAsync(gateway, tokens[..1], 1)).Head.Status);
        Assert.Equal(200, (await SendAsync(gateway, tokens[1..], 1)).Head.Status);
    }

    private void UseWorkload(RequestDelegate workload)
    {
        foreach (TestHost host in _gateway.Hosts)
        {
            host.Workload = workload;
        }
    }

    private byte[][] Draw(int count)
    {
        ReadOnlyMemory<byte> challenge = _gateway.Services.GetRequiredService<TokenGate>().Challenge;
        return [.. Enumerable.Range(0, count).Select(_ => _gateway.Issuer.Draw(challenge.Span))];
    }

    private Task<BinaryResponse> SendAsync(byte[][] tokens, int length) => SendAsync(_gateway, tokens, length);

    private static Task<BinaryResponse> SendAsync(TestGateway gateway, byte[][] tokens, int length) => gateway.Client.SendAsync(TestClient.Request(
        TestGateway.Service, "/", new byte[length], fields: [.. tokens.Select(token => ("authorization", PrivateTokenAuthorization.Write(token)))]));
}
