using Microsoft.Extensions.DependencyInjection;
using Veil.Attestation;
using Veil.Bhttp;
using Veil.Gateway.Tests.Parties;
using Veil.Gateway.Tokens;
using Veil.PrivacyPass;

namespace Veil.Gateway.Tests.Pipeline;

/// <summary>The gateway asks for tokens of the type of the issuer's active key, and takes those of every listed key.</summary>
public static class TokenTypeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public static async Task Of_a_type_that_only_the_issuer_verifies_its_verdict_decides(int type)
    {
        Require(type);
        await using TestGateway gateway = await StartAsync();
        gateway.Issuer.Keys = [(TestIssuer.NewKey((ushort)type), null)];
        await UntilAskedForAsync(gateway, type);
        byte[] good = Draw(gateway);
        byte[] forged = Draw(gateway);
        forged[^1] ^= 1;
        int calls = gateway.Issuer.Calls;

        Assert.Equal(401, await SendAsync(gateway, "/forged", forged));
        Assert.Equal(calls + 1, gateway.Issuer.Calls);
        Assert.Equal(200, await SendAsync(gateway, "/good", good));
        Assert.Equal(401, await SendAsync(gateway, "/again", good));

        Assert.Equal("/good", Assert.Single(gateway.Hosts.SelectMany(host => host.Received)).Path);
    }

    [Fact]
    public static async Task What_can_be_checked_without_the_issuer_is_not_sent_to_it()
    {
        await using TestGateway gateway = await StartAsync();
        gateway.Issuer.Keys = [(TestIssuer.NewKey(1), null)];
        await UntilAskedForAsync(gateway, 1);
        int calls = gateway.Issuer.Calls;

        // token_type, challenge_digest and token_key_id; the nonce and the authenticator are the issuer's to judge.
        foreach (int index in new[] { 1, 34, 65, 66, 97 })
        {
            byte[] flawed = Draw(gateway);
            flawed[index] ^= 2;
            Assert.Equal(401, await SendAsync(gateway, "/", flawed));
        }

        Assert.Equal(calls, gateway.Issuer.Calls);
    }

    [Fact]
    public static async Task A_change_of_type_switches_the_challenge_at_its_time_and_keeps_the_tokens_before_it()
    {
        await using TestGateway gateway = await StartAsync();
        (TokenIssuerKey Key, DateTimeOffset? NotBefore) before = gateway.Issuer.Keys[0];
        byte[] early = Draw(gateway);
        byte[] late = Draw(gateway);
        byte[] never = Draw(gateway);
        gateway.Issuer.Keys = [(TestIssuer.NewKey(1), DateTimeOffset.UtcNow.AddSeconds(5)), before];

        var challenges = new List<string>();
        using (var patience = new CancellationTokenSource(Patience))
        {
            while (challenges.Count < 2)
            {
                string challenge = await AskedForAsync(gateway);
                if (!challenges.Contains(challenge))
                    challenges.Add(challenge);
                if (early.Length > 0 && challenges.Count is 1)
                {
                    Assert.Equal(200, await SendAsync(gateway, "/early", early));
                    early = [];
                }

                await Task.Delay(50, patience.Token);
            }
        }

        // Once it has changed it stays, and the view says the same.
        Assert.Equal(challenges[1], await AskedForAsync(gateway));
        TokenGate gate = gateway.Services.GetRequiredService<TokenGate>();
        Assert.Equal(challenges[1], gate.ChallengeField);
        Assert.True(TokenChallenge.TryParse(gate.Challenge.Span, out TokenChallenge? inForce, out _));
        Assert.Equal((1, TestGateway.Authority), (inForce.TokenType, inForce.OriginInfo));
        Assert.Equal(200, await SendAsync(gateway, "/late", late));
        Assert.Equal(200, await SendAsync(gateway, "/new", Draw(gateway)));

        // The end of the grace: the key leaves the directory.
        gateway.Issuer.Keys = [gateway.Issuer.Keys[0]];
        IssuerKeys keys = gateway.Services.GetRequiredService<IssuerKeys>();
        await UntilAsync(() => keys.Current?.Count is 1);
        Assert.Equal(401, await SendAsync(gateway, "/never", never));
        before.Key.Dispose();
    }

    [Fact]
    public static void The_type_in_force_skips_grease_and_keys_that_are_not_active_yet()
    {
        DateTimeOffset now = DateTimeOffset.UnixEpoch.AddYears(60);
        byte[] directory = new IssuerDirectory(
            "/token-request",
            [new(0x02AA, new byte[10], null), new(5, new byte[32], now.AddSeconds(1)), new(1, new byte[49], now), new(2, new byte[5], null)]).Write();

        Assert.True(IssuerKeySet.TryRead(directory, now, out IssuerKeySet? keys));

        Assert.Equal(2, keys.Count);
        Assert.Equal([2, 1, 5], new[] { -1, 0, 1 }.Select(seconds => (int)keys.TypeInForce(now.AddSeconds(seconds))!.Id));
    }

    [Fact]
    public static async Task While_no_directory_is_known_nothing_is_asked_for_and_nothing_accepted()
    {
        await using TestGateway gateway = await StartAsync(settings => settings["Tokens:MaxAge"] = "00:00:10");
        byte[] token = Draw(gateway);
        gateway.Issuer.IsDown = true;
        await UntilAsync(() => gateway.Services.GetRequiredService<IssuerKeys>().Current is null);

        Assert.Equal(503, await SendAsync(gateway, "/", token));
        Assert.Equal(503, await SendAsync(gateway, "/", []));
        Assert.Equal("", gateway.Services.GetRequiredService<TokenGate>().ChallengeField);
    }

    private static Task<TestGateway> StartAsync(Action<Dictionary<string, string?>>? change = null) => TestGateway.StartAsync(settings =>
    {
        settings["Tokens:RefreshEvery"] = "00:00:01";
        change?.Invoke(settings);
    });

    private static void Require(int type) => Assert.SkipUnless(TokenType.Find((ushort)type) is not null, $"Type {type}: {TokenType.FindKnown((ushort)type)!.Missing}");

    private static byte[] Draw(TestGateway gateway) => gateway.Issuer.Draw(gateway.Services.GetRequiredService<TokenGate>().Challenge.Span);

    private static async Task<string> AskedForAsync(TestGateway gateway)
    {
        BinaryResponse answer = await gateway.Client.SendAsync(TestClient.Request(TestGateway.Service, "/"));
        Assert.True(answer.Head.Headers.TryGet("www-authenticate", out string? challenge));
        return challenge;
    }

    private static Task UntilAskedForAsync(TestGateway gateway, int type) =>
        UntilAsync(() => gateway.Services.GetRequiredService<IssuerKeys>().Current?.TypeInForce(DateTimeOffset.UtcNow)?.Id == type);

    private static async Task UntilAsync(Func<bool> happened)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!happened())
            await Task.Delay(20, patience.Token);
    }

    private static async Task<int> SendAsync(TestGateway gateway, string path, byte[] token) =>
        (await gateway.Client.SendAsync(TestClient.Request(TestGateway.Service, path, [1], token.Length > 0 ? token : null))).Head.Status;
}
