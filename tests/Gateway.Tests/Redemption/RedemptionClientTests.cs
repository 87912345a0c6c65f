using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Veil.Gateway.Redemption;
using Veil.PrivacyPass;

namespace Veil.Gateway.Tests.Redemption;

public static class RedemptionClientTests
{
    [Theory]
    [InlineData("accepted", RedemptionVerdict.Accepted)]
    [InlineData("spent", RedemptionVerdict.Spent)]
    [InlineData("invalid", RedemptionVerdict.Invalid)]
    [InlineData("unknown-key", RedemptionVerdict.UnknownKey)]
    [InlineData("expired", RedemptionVerdict.Expired)]
    internal static async Task A_verdict_is_passed_on(string verdict, RedemptionVerdict expected)
    {
        var issuer = new ScriptedIssuer((_, tokens) => ScriptedIssuer.Verdicts(tokens.Select(_ => verdict)));
        using RedemptionClient client = await StartAsync(issuer);

        Assert.Equal(expected, await client.RedeemAsync(AnyToken(), RedemptionId.Draw()));
    }

    [Fact]
    public static async Task Tokens_that_wait_while_a_call_is_on_the_way_share_the_next_one()
    {
        using var firstIsHere = new SemaphoreSlim(0);
        using var letGo = new SemaphoreSlim(0);
        var issuer = new ScriptedIssuer((number, tokens) =>
        {
            if (number is 0)
            {
                firstIsHere.Release();
                letGo.Wait();
            }

            return ScriptedIssuer.Verdicts(tokens.Select(_ => "accepted"));
        });
        using RedemptionClient client = await StartAsync(issuer, new() { Lanes = 1 });

        Task<RedemptionVerdict> first = client.RedeemAsync(AnyToken(), RedemptionId.Draw());
        await firstIsHere.WaitAsync(TestContext.Current.CancellationToken);
        Task<RedemptionVerdict>[] others = [.. Enumerable.Range(0, 50).Select(_ => client.RedeemAsync(AnyToken(), RedemptionId.Draw()))];
        letGo.Release();

        Assert.All(await Task.WhenAll([first, .. others]), verdict => Assert.Equal(RedemptionVerdict.Accepted, verdict));
        Assert.Equal([1, 50], issuer.Calls.Select(call => call.Length));
    }

    [Fact]
    public static async Task Each_token_gets_the_verdict_of_its_own_place()
    {
        using var letGo = new SemaphoreSlim(0);
        Token spent = AnyToken();
        string spentText = PaddedBase64Url.Encode(spent.Encoded);
        var issuer = new ScriptedIssuer((number, tokens) =>
        {
            if (number is 0)
                letGo.Wait();
            return ScriptedIssuer.Verdicts(tokens.Select(token => token == spentText ? "spent" : "accepted"));
        });
        using RedemptionClient client = await StartAsync(issuer, new() { Lanes = 1 });

        Task<RedemptionVerdict>[] pending =
            [.. Enumerable.Range(0, 9).Select(place => client.RedeemAsync(place is 5 ? spent : AnyToken(), RedemptionId.Draw()))];
        letGo.Release();
        RedemptionVerdict[] verdicts = await Task.WhenAll(pending);

        Assert.Equal(RedemptionVerdict.Spent, verdicts[5]);
        Assert.Equal(8, verdicts.Count(verdict => verdict is RedemptionVerdict.Accepted));
    }

    [Theory]
    [InlineData("no connection")]
    [InlineData("status 503")]
    [InlineData("not JSON")]
    [InlineData("too few verdicts")]
    [InlineData("an unknown verdict")]
    public static async Task A_call_that_fails_is_repeated_with_the_same_ids(string fault)
    {
        var issuer = new ScriptedIssuer((number, tokens) => number > 1 ? ScriptedIssuer.Verdicts(tokens.Select(_ => "accepted")) : fault switch
        {
            "status 503" => new(HttpStatusCode.ServiceUnavailable),
            "not JSON" => new(HttpStatusCode.OK) { Content = new StringContent("accepted") },
            "too few verdicts" => ScriptedIssuer.Verdicts(),
            "an unknown verdict" => ScriptedIssuer.Verdicts(tokens.Select(_ => "maybe")),
            _ => throw new HttpRequestException("refused"),
        });
        using RedemptionClient client = await StartAsync(issuer);

        Assert.Equal(RedemptionVerdict.Accepted, await client.RedeemAsync(AnyToken(), RedemptionId.Draw()));
        Assert.Equal(3, issuer.Calls.Count);
        Assert.Single(issuer.Calls.SelectMany(call => call).Distinct());
    }

    [Fact]
    public static async Task Without_a_verdict_in_time_there_is_none()
    {
        var issuer = new ScriptedIssuer((_, _) => throw new HttpRequestException("refused"));
        using RedemptionClient client = await StartAsync(issuer, new() { Timeout = TimeSpan.FromMilliseconds(100) });

        Assert.Equal(RedemptionVerdict.Unavailable, await client.RedeemAsync(AnyToken(), RedemptionId.Draw()));
    }

    [Fact]
    public static async Task Whoever_still_waits_when_the_gateway_stops_gets_no_verdict()
    {
        var issuer = new ScriptedIssuer((_, _) => throw new HttpRequestException("refused"));
        using RedemptionClient client = await StartAsync(issuer, new() { Timeout = TimeSpan.FromMinutes(1) });
        Task<RedemptionVerdict> pending = client.RedeemAsync(AnyToken(), RedemptionId.Draw());

        await client.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(RedemptionVerdict.Unavailable, await pending);
    }

    [Fact]
    public static void Ids_are_not_repeated() =>
        Assert.Equal(1000, Enumerable.Range(0, 1000).Select(_ => { RedemptionId id = RedemptionId.Draw(); return Convert.ToHexString(id); }).Distinct().Count());

    private static async Task<RedemptionClient> StartAsync(ScriptedIssuer issuer, RedemptionOptions? options = null)
    {
        options ??= new();
        var set = new RedemptionOptions { Endpoint = new Uri("https://issuer.example/redeem"), Lanes = options.Lanes, Timeout = options.Timeout, BatchSize = options.BatchSize };
        var client = new RedemptionClient(Options.Create(set), TimeProvider.System, NullLogger<RedemptionClient>.Instance, () => issuer);
        await client.StartAsync(TestContext.Current.CancellationToken);
        return client;
    }

    private static Token AnyToken()
    {
        byte[] encoded = RandomNumberGenerator.GetBytes(TokenType.Find(2)!.TokenSize);
        (encoded[0], encoded[1]) = (0, 2);
        Assert.True(Token.TryParse(encoded, out Token? token, out _));
        return token;
    }
}
