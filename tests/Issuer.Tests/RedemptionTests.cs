using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Veil.Proofs.Issuer;

namespace Veil.Issuer.Tests;

public sealed class RedemptionTests(RunningIssuer running) : IClassFixture<RunningIssuer>
{
    private const string Id = "AAAAAAAAAAAAAAAAAAAAAA";

    [Fact]
    public async Task A_token_is_accepted_once_and_a_retry_hears_the_same()
    {
        byte[] token = await running.DrawAsync();
        byte[] id = IssuerClient.NewId();
        Assert.Equal("accepted", await Redeem(token, id));
        Assert.Equal("accepted", await Redeem(token, id));
        Assert.Equal("spent", await Redeem(token, IssuerClient.NewId()));
        Assert.Equal("accepted", await Redeem(token, id));
    }

    [Fact]
    public async Task Verdicts_stand_in_the_order_of_the_redemptions()
    {
        byte[] token = await running.DrawAsync();
        byte[] forged = [.. await running.DrawAsync()];
        forged[^1] ^= 1;
        byte[] foreign = [.. await running.DrawAsync()];
        foreign[70] ^= 1;
        byte[] id = IssuerClient.NewId();
        string[] verdicts = await running.Client.RedeemAsync(
            running.Address, [([1, 2, 3], id), (token, id), (forged, id), (token, IssuerClient.NewId()), (foreign, id), (token, id), ([], id)]);
        Assert.Equal(["invalid", "accepted", "invalid", "spent", "unknown-key", "accepted", "invalid"], verdicts);
    }

    [Fact]
    public async Task Of_many_rivals_at_once_exactly_one_is_accepted()
    {
        byte[] token = await running.DrawAsync();
        string[] verdicts = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Redeem(token, IssuerClient.NewId())));
        Assert.Equal(1, verdicts.Count(verdict => verdict == "accepted"));
        Assert.Equal(39, verdicts.Count(verdict => verdict == "spent"));
    }

    [Fact]
    public async Task A_flipped_bit_anywhere_in_a_token_is_never_accepted()
    {
        byte[] token = await running.DrawAsync();
        IEnumerable<(byte[], byte[])> flipped = Enumerable.Range(0, token.Length).Select(index =>
        {
            byte[] changed = [.. token];
            changed[index] ^= (byte)(1 << (index % 8));
            return (changed, IssuerClient.NewId());
        });
        Assert.DoesNotContain("accepted", await running.Client.RedeemAsync(running.Address, flipped));
        Assert.Equal("accepted", await Redeem(token, IssuerClient.NewId()));
    }

    [Fact]
    public async Task A_thousand_fit_into_one_call_and_one_more_does_not()
    {
        (byte[], byte[])[] redemptions = [.. Enumerable.Range(0, 1000).Select(_ => (new byte[354], IssuerClient.NewId()))];
        Assert.Equal(1000, (await running.Client.RedeemAsync(running.Address, redemptions)).Length);
        using HttpResponseMessage refused = await Send(IssuerClient.RedemptionBody(redemptions.Append((new byte[1], IssuerClient.NewId()))));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"redemptions\":[]}")]
    [InlineData("{\"redemptions\":{}}")]
    [InlineData("{\"redemptions\":[1]}")]
    [InlineData("{\"redemptions\":[{}]}")]
    [InlineData("{\"redemptions\":[{\"token\":\"AA\"}]}")]
    [InlineData("{\"redemptions\":[{\"token\":\"AA\",\"redemption_id\":\"AAAA\"}]}")]
    [InlineData("{\"redemptions\":[{\"token\":7,\"redemption_id\":\"" + Id + "\"}]}")]
    [InlineData("{\"redemptions\":[{\"token\":\"A\",\"redemption_id\":\"" + Id + "\"}]}")]
    [InlineData("{\"redemptions\":[{\"token\":\"A A A\",\"redemption_id\":\"" + Id + "\"}]}")]
    [InlineData("{\"redemptions\":[{\"token\":\"A+/A\",\"redemption_id\":\"" + Id + "\"}]}")]
    [InlineData("{\"redemptions\":[{\"token\":\"AA\",\"token\":\"AA\",\"redemption_id\":\"" + Id + "\"}]}")]
    [InlineData("{\"redemptions\":[{\"token\":\"AA\",\"redemption_id\":\"" + Id + "\",\"more\":1}]}")]
    [InlineData("{\"redemptions\":[{\"token\":\"AA\",\"redemption_id\":\"" + Id + "\"}],\"more\":1}")]
    [InlineData("{\"redemptions\":[{\"token\":\"AA\",\"redemption_id\":\"" + Id + "\"}]} {}")]
    [InlineData("{\"redemptions\":[{\"token\":\"AA\",\"redemption_id\":\"" + Id + "\"}")]
    [InlineData("{\"redemptions\":[{\"token\":\"AA\",\"redemption_id\":\"" + Id + "\"},]}")]
    public async Task A_malformed_body_is_refused_as_a_whole(string body)
    {
        using HttpResponseMessage response = await Send(body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("urn:veil:problem:malformed", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Base64url_is_taken_with_and_without_padding()
    {
        using HttpResponseMessage response = await Send("{\"redemptions\":[{\"redemption_id\":\"" + Id + "==\",\"token\":\"AA==\"}]}");
        Assert.Equal("{\"verdicts\":[\"invalid\"]}", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("another secret")]
    public async Task Others_than_gateways_are_refused(string? secret)
    {
        using HttpResponseMessage response = await running.Client.SendAsync(IssuerClient.RedemptionRequest(running.Address, secret, "{}"));
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task An_account_is_no_gateway()
    {
        using HttpResponseMessage response = await running.Client.SendAsync(IssuerClient.RedemptionRequest(running.Address, running.ApiKey, "{}"));
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Another_media_type_is_refused()
    {
        using HttpResponseMessage response = await running.Client.SendAsync(IssuerClient.RedemptionRequest(running.Address, IssuerProcess.GatewaySecret, "{}", "text/plain"));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Fact]
    public async Task A_body_larger_than_any_call_is_refused()
    {
        using HttpRequestMessage request = IssuerClient.RedemptionRequest(running.Address, IssuerProcess.GatewaySecret, new string(' ', 2_000_000));

        // The refusal ends the connection: who is still sending then may not get to read it.
        request.Headers.ExpectContinue = true;
        using HttpResponseMessage response = await running.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task The_id_of_one_gateway_means_nothing_to_another()
    {
        const string OtherSecret = "the secret of another gateway";
        await using IssuerProcess issuer = await IssuerProcess.CreateAsync(configuration => configuration["Redemption"]!["Gateways"]!.AsArray().Add(new JsonObject
        {
            ["Name"] = "other",
            ["TokenSha256"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(OtherSecret))),
        }));
        string apiKey = await issuer.AddAccountAsync("alice", 10);
        await issuer.StartAsync();
        (byte[], byte[])[] redemption = [((await running.Client.DrawAsync(issuer.Address, apiKey, 1))[0], IssuerClient.NewId())];
        Assert.Equal(["accepted"], await running.Client.RedeemAsync(issuer.Address, redemption));
        using HttpResponseMessage other = await running.Client.SendAsync(IssuerClient.RedemptionRequest(issuer.Address, OtherSecret, IssuerClient.RedemptionBody(redemption)));
        Assert.Equal("{\"verdicts\":[\"spent\"]}", await other.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private async Task<string> Redeem(byte[] token, byte[] id) => (await running.Client.RedeemAsync(running.Address, [(token, id)]))[0];

    private Task<HttpResponseMessage> Send(string body) => running.Client.SendAsync(IssuerClient.RedemptionRequest(running.Address, IssuerProcess.GatewaySecret, body));
}
