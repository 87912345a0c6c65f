using System.Text;
using System.Text.Json;
using Veil.DevStack;
using Veil.PrivacyPass;
using Record = Veil.Recorder.Record;

namespace Veil.EndToEnd;

/// <summary>What each party did not learn, from recordings of what it received.</summary>
public sealed class UnlinkabilityTests(DeploymentFixture fixture) : IClassFixture<DeploymentFixture>
{
    private const string Question = "the question that nobody between may read";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task I2_gateway_and_hosts_see_the_relay_and_the_gateway_and_no_client()
    {
        Assert.SkipUnless(fixture.Deployment.Plan.HasOwnAddresses, "All parties share 127.0.0.1 here.");
        await AskAsync();

        Assert.Equal([$"{fixture.Deployment.Plan.Relay.Public.Address}"], Peers(fixture.Deployment.Gateway));
        foreach (PartyProcess host in fixture.Deployment.Hosts)
        {
            Assert.Subset(new HashSet<string> { $"{fixture.Deployment.Plan.Gateway.Public.Address}" }, Peers(host).ToHashSet());
        }

        var client = new CanaryScan($"{fixture.Deployment.Plan.Client}");
        PartyProcess[] beyondTheRelay = [fixture.Deployment.Gateway, .. fixture.Deployment.Hosts];
        foreach (PartyProcess party in beyondTheRelay)
        {
            Assert.All(fixture.Deployment.Received(party), record => Assert.True(client.FindIn(Everything(record)) is null, $"{party.Name} received the client's address."));
        }

        Assert.All(fixture.Workload.Heads, head => Assert.Null(client.FindIn(Encoding.UTF8.GetBytes(head))));
    }

    [Fact]
    public async Task I3_one_challenge_and_one_key_for_everyone_and_no_token_is_recognisable_where_it_was_drawn()
    {
        await AskAsync();
        await AskAsync();

        Record[] atIssuer = [.. fixture.Deployment.Received(fixture.Deployment.Issuer)];
        byte[][] tokens = [.. atIssuer.Where(record => record.Target == "/redeem").SelectMany(Tokens)];
        Assert.True(tokens.Length >= 2);
        Assert.Single(tokens.Select(token => Convert.ToHexString(token.AsSpan(0, 2))).Distinct());
        Assert.Single(tokens.Select(token => Convert.ToHexString(token.AsSpan(34, 32))).Distinct());
        Assert.Single(tokens.Select(token => Convert.ToHexString(token.AsSpan(66, 32))).Distinct());

        // Nothing of a request, a time or a person is in the challenge: it is what anyone can compute from two public names.
        TokenChallenge challenge = TokenChallenge.Create(2, fixture.Deployment.Plan.Issuer.Url.Authority, [], DevStack.Deployment.Authority);
        Assert.All(tokens, token => Assert.Equal(challenge.Digest, token[34..66]));

        foreach (Record drawn in atIssuer.Where(record => record.Target == "/token-request"))
        {
            foreach (byte[] token in tokens)
            {
                Assert.Null(new CanaryScan(token[2..34]).FindIn(Everything(drawn)));
                Assert.Null(new CanaryScan(token[98..]).FindIn(Everything(drawn)));
            }
        }

        Assert.All(atIssuer.Where(record => record.Target == "/redeem"), redeemed => Assert.Null(new CanaryScan(fixture.Deployment.ApiKey).FindIn(Everything(redeemed))));
    }

    [Fact]
    public async Task The_relay_reads_nothing_and_the_host_gets_no_token_and_no_account()
    {
        await AskAsync();

        var question = new CanaryScan(Question);
        Record[] atRelay = [.. fixture.Deployment.Received(fixture.Deployment.Relay)];
        Assert.Contains(atRelay, record => record.Method == "POST");
        Assert.All(atRelay, record => Assert.Null(question.FindIn(Everything(record))));

        Record[] atHosts = [.. fixture.Deployment.Hosts.SelectMany(fixture.Deployment.Received)];
        Assert.Contains(atHosts, record => question.FindIn(Everything(record)) is not null);
        byte[][] tokens = [.. fixture.Deployment.Received(fixture.Deployment.Issuer).Where(record => record.Target == "/redeem").SelectMany(Tokens)];
        Assert.NotEmpty(tokens);
        Assert.All(atHosts, record =>
        {
            Assert.Null(new CanaryScan(fixture.Deployment.ApiKey).FindIn(Everything(record)));
            Assert.All(tokens, token => Assert.Null(new CanaryScan(token[98..]).FindIn(Everything(record))));
            Assert.DoesNotContain(record.Headers, field => field.Key.Equals("Authorization", StringComparison.OrdinalIgnoreCase));
        });
    }

    private async Task AskAsync()
    {
        using HttpClient http = fixture.NewClient();
        using var content = new StringContent(Question);
        using HttpResponseMessage answer = await http.PostAsync(fixture.Url("/echo"), content, Cancellation);
        Assert.Equal(Question, await answer.Content.ReadAsStringAsync(Cancellation));
    }

    private IEnumerable<string> Peers(PartyProcess party) => fixture.Deployment.Received(party).Select(record => record.Peer).Distinct();

    private static byte[] Everything(Record record) =>
    [
        .. Encoding.UTF8.GetBytes($"{record.Peer} {record.Target}\n{string.Join('\n', record.Headers.Select(field => $"{field.Key}: {field.Value}"))}\n"),
        .. record.Request,
        .. record.Response,
    ];

    private static IEnumerable<byte[]> Tokens(Record redeemed) =>
        JsonDocument.Parse(redeemed.Request).RootElement.GetProperty("redemptions").EnumerateArray()
            .Select(redemption => Base64Url(redemption.GetProperty("token").GetString()!));

    private static byte[] Base64Url(string text)
    {
        string base64 = text.Replace('-', '+').Replace('_', '/').TrimEnd('=');
        return Convert.FromBase64String(base64.PadRight((base64.Length + 3) / 4 * 4, '='));
    }
}
