using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Veil.PrivacyPass;
using Veil.Proofs.Issuer;

namespace Veil.Issuer.Tests;

/// <summary>Generic batches at an issuer of type 2, and everything that is wrong with a batch.</summary>
public sealed class BatchIssuanceTests(RunningIssuer running) : IClassFixture<RunningIssuer>
{
    [Fact]
    public async Task A_generic_batch_gives_every_token_and_each_is_accepted_once()
    {
        using PendingBatch pending = Pending(await running.Client.KeyAsync(running.Address), 100);
        using HttpResponseMessage response = await SendAsync(running.ApiKey, pending.Request.ToArray(), pending.RequestMediaType);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(pending.ResponseMediaType, response.Content.Headers.ContentType!.MediaType);
        Assert.True(response.Headers.CacheControl!.NoStore);
        Assert.True(pending.TryFinalize(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken), out IReadOnlyList<Token>? tokens, out _));
        Assert.Equal(100, tokens.Count);
        string[] verdicts = await running.Client.RedeemAsync(running.Address, tokens.Select(token => (token.Encoded.ToArray(), IssuerClient.NewId())));
        Assert.Equal(Enumerable.Repeat("accepted", 100), verdicts);
    }

    [Fact]
    public async Task A_generic_batch_of_which_some_entries_cannot_be_served_gives_the_others()
    {
        TokenPublicKey key = await running.Client.KeyAsync(running.Address);
        using PendingBatch pending = Pending(key, 5);
        byte[] request = pending.Request.ToArray();
        int first = request.Length - (5 * 259);
        request[first + 2] ^= 1;                                       // Entry 0: another key.
        Array.Fill(request, (byte)0xFF, first + (2 * 259) + 3, 256);   // Entry 2: not below the modulus.
        using HttpResponseMessage response = await SendAsync(running.ApiKey, request, pending.RequestMediaType);
        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.True(pending.TryFinalize(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken), out IReadOnlyList<Token>? tokens, out _));
        Assert.Equal(3, tokens.Count);
        Assert.All(tokens, token => Assert.True(key.Verify(token)));
    }

    [Fact]
    public async Task A_generic_batch_gets_what_is_left_of_the_quota_and_then_nothing()
    {
        string apiKey = await running.Issuer.AddAccountAsync("batch-quota", quota: 7);
        TokenPublicKey key = await running.Client.KeyAsync(running.Address);
        Assert.Equal((HttpStatusCode.OK, 4), await DrawAsync(apiKey, key, 4));
        Assert.Equal((HttpStatusCode.PartialContent, 3), await DrawAsync(apiKey, key, 4));
        using PendingBatch pending = Pending(key, 4);
        using HttpResponseMessage refused = await AssertRefused(HttpStatusCode.BadRequest, "quota-for-batch", apiKey, pending.Request.ToArray(), pending.RequestMediaType);
        Assert.True(refused.Headers.RetryAfter!.Delta > TimeSpan.Zero);
    }

    [Fact]
    public async Task A_generic_batch_of_which_no_entry_can_be_served_is_refused_and_costs_nothing()
    {
        string apiKey = await running.Issuer.AddAccountAsync("batch-stray", quota: 2);
        TokenPublicKey key = await running.Client.KeyAsync(running.Address);
        byte[] entry = [0, 2, (byte)(key.TruncatedKeyId ^ 1), .. new byte[256]];
        byte[] other = [0, 1, 7, .. new byte[49]];
        await AssertRefused(HttpStatusCode.BadRequest, "no-token-of-batch", apiKey, [.. Length(2 * entry.Length), .. entry, .. entry], PrivacyPassMediaTypes.GenericBatchRequest);
        await AssertRefused(HttpStatusCode.BadRequest, "no-token-of-batch", apiKey, [(byte)other.Length, .. other], PrivacyPassMediaTypes.GenericBatchRequest);
        Assert.Equal((HttpStatusCode.OK, 2), await DrawAsync(apiKey, key, 2));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("02ff")]
    [InlineData("032e9607")]
    [InlineData("4003000207")]
    public async Task A_malformed_generic_batch_is_refused(string hex) => await AssertRefused(
        HttpStatusCode.UnprocessableEntity, "token-request", running.ApiKey, Convert.FromHexString(hex), PrivacyPassMediaTypes.GenericBatchRequest);

    [Theory]
    [InlineData("")]
    [InlineData("000107")]
    [InlineData("00010700")]
    [InlineData("2e960700")]
    [InlineData("0002070100")]
    public async Task A_malformed_amortized_batch_or_one_of_a_type_that_has_none_is_refused(string hex) => await AssertRefused(
        HttpStatusCode.UnprocessableEntity, "token-request", running.ApiKey, Convert.FromHexString(hex), PrivacyPassMediaTypes.AmortizedBatchRequest);

    [Fact]
    public async Task A_batch_of_more_tokens_than_the_limit_is_told_so()
    {
        byte[] entry = [0, 2, 7, .. new byte[256]];
        byte[] entries = [.. Enumerable.Repeat(entry, 101).SelectMany(bytes => bytes)];
        byte[] generic = [0x80, 0, (byte)(entries.Length >> 8), (byte)(entries.Length & 0xFF), .. entries];
        await AssertRefused(HttpStatusCode.UnprocessableEntity, "too-many-tokens", running.ApiKey, generic, PrivacyPassMediaTypes.GenericBatchRequest);
        byte[] amortized = [0, 1, 7, .. Length(101 * 49), .. new byte[101 * 49]];
        await AssertRefused(HttpStatusCode.UnprocessableEntity, "too-many-tokens", running.ApiKey, amortized, PrivacyPassMediaTypes.AmortizedBatchRequest);
    }

    [Theory]
    [InlineData(PrivacyPassMediaTypes.GenericBatchRequest)]
    [InlineData(PrivacyPassMediaTypes.AmortizedBatchRequest)]
    public async Task A_batch_far_beyond_the_limit_is_not_read(string mediaType)
    {
        HttpRequestMessage request = IssuerClient.TokenRequest(running.Address, running.ApiKey, new byte[1_000_000], mediaType);
        request.Headers.ExpectContinue = true;
        using HttpResponseMessage response = await running.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task The_answers_media_type_is_no_requests() => await AssertRefused(
        HttpStatusCode.UnsupportedMediaType, "media-type", running.ApiKey, [0], PrivacyPassMediaTypes.GenericBatchResponse);

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task An_amortized_batch_is_drawn_and_redeemed_from_an_issuer_of_its_type(ushort id)
    {
        TokenType type = TokenType.FindKnown(id)!;
        Assert.SkipUnless(type.Missing is null, type.Missing ?? "");
        await using IssuerProcess issuer = await IssuerProcess.CreateAsync(configuration => configuration["Keys"]!["TokenType"] = (int)id);
        string apiKey = await issuer.AddAccountAsync("alice", 12);
        await issuer.StartAsync();
        TokenPublicKey key = await KeyAsync(issuer, id);

        using PendingBatch pending = Pending(key, 10);
        using HttpResponseMessage response = await SendAsync(apiKey, pending.Request.ToArray(), pending.RequestMediaType, issuer);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(PrivacyPassMediaTypes.AmortizedBatchResponse, response.Content.Headers.ContentType!.MediaType);
        Assert.True(pending.TryFinalize(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken), out IReadOnlyList<Token>? tokens, out _));
        byte[] forged = tokens[0].Encoded.ToArray();
        forged[^1] ^= 1;
        byte[][] presented = [tokens[0].Encoded.ToArray(), tokens[9].Encoded.ToArray(), forged, tokens[0].Encoded.ToArray()];
        string[] verdicts = await running.Client.RedeemAsync(issuer.Address, presented.Select(token => (token, IssuerClient.NewId())));
        Assert.Equal(["accepted", "accepted", "invalid", "spent"], verdicts);

        // Two are left of the quota: no part of a batch of three is given, a single token is.
        using PendingBatch three = Pending(key, 3);
        using HttpResponseMessage refused = await AssertRefused(HttpStatusCode.TooManyRequests, "quota", apiKey, three.Request.ToArray(), three.RequestMediaType, issuer);
        Assert.True(refused.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        byte[] bad = three.Request.ToArray();
        await AssertRefused(HttpStatusCode.UnprocessableEntity, "key", apiKey, [.. bad[..2], (byte)(bad[2] ^ 1), .. bad[3..]], three.RequestMediaType, issuer);
        Assert.True(PendingToken.TryCreate(key, Challenge(id), out PendingToken? single, out _));
        using HttpResponseMessage one = await SendAsync(apiKey, single.TokenRequest.ToArray(), PrivacyPassMediaTypes.TokenRequest, issuer);
        Assert.True(single.TryFinalize(await one.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken), out _, out _));
    }

    [Fact]
    public async Task A_change_of_type_is_a_change_of_key_and_both_types_are_redeemed()
    {
        Assert.SkipUnless(TokenType.FindKnown(1)!.Missing is null, TokenType.FindKnown(1)!.Missing ?? "");
        await using IssuerProcess issuer = await IssuerProcess.CreateAsync();
        string apiKey = await issuer.AddAccountAsync("alice", 10);
        await issuer.StartAsync();
        byte[] old = (await running.Client.DrawAsync(issuer.Address, apiKey, 1))[0];
        await issuer.StopAsync();
        issuer.Configure(configuration => configuration["Keys"]!["TokenType"] = 1);
        await issuer.StartAsync();
        Assert.DoesNotContain((await running.Client.DirectoryAsync(issuer.Address)).TokenKeys, key => key.TokenType == 1 && key.IsUsableAt(DateTimeOffset.UtcNow));

        // Shortly before an epoch ends there is an announced key of the old type, which comes first.
        JsonArray listed = [];
        for (int i = 0; i < 2 && !listed.Any(key => key!["state"]!.GetValue<string>() == "active" && key["type"]!.GetValue<int>() == 1); i++)
        {
            await issuer.RunAsync("keys", "rotate");
            listed = JsonNode.Parse(await issuer.RunAsync("keys", "list", "--json"))!.AsArray();
        }

        Assert.Contains(listed, key => key!["state"]!.GetValue<string>() == "active" && key["type"]!.GetValue<int>() == 1);
        Assert.Contains(listed, key => key!["state"]!.GetValue<string>() == "grace" && key["type"]!.GetValue<int>() == 2);
        await issuer.StopAsync();
        await issuer.StartAsync();
        IssuerDirectory directory = await running.Client.DirectoryAsync(issuer.Address);
        Assert.Equal(1, directory.TokenKeys.First(key => key.IsUsableAt(DateTimeOffset.UtcNow)).TokenType);
        Assert.Contains(directory.TokenKeys, key => key.TokenType == 2);

        using PendingBatch pending = Pending(await KeyAsync(issuer, 1), 2);
        using HttpResponseMessage response = await SendAsync(apiKey, pending.Request.ToArray(), pending.RequestMediaType, issuer);
        Assert.True(pending.TryFinalize(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken), out IReadOnlyList<Token>? tokens, out _));
        string[] verdicts = await running.Client.RedeemAsync(issuer.Address, [(old, IssuerClient.NewId()), (tokens[0].Encoded.ToArray(), IssuerClient.NewId())]);
        Assert.Equal(["accepted", "accepted"], verdicts);
    }

    [Theory]
    [InlineData(1, "libssl3")]
    [InlineData(3, "1, 2, 5")]
    [InlineData(70_000, "1, 2, 5")]
    public async Task A_type_that_is_not_served_here_stops_the_start_with_its_reason(int type, string reason)
    {
        await using IssuerProcess issuer = await IssuerProcess.CreateAsync();
        issuer.Configure(configuration => configuration["Keys"]!["TokenType"] = type);
        issuer.Environment["VEIL_CRYPTO"] = "portable";
        (int exitCode, _, string error) = await issuer.TryRunAsync("serve");
        Assert.NotEqual(0, exitCode);
        Assert.Contains("Keys:TokenType", error, StringComparison.Ordinal);
        Assert.Contains(reason, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Type_5_without_libsodium_stops_the_start_with_the_package_that_brings_it()
    {
        await using IssuerProcess issuer = await IssuerProcess.CreateAsync();
        issuer.Configure(configuration => configuration["Keys"]!["TokenType"] = 5);

        // The loader looks here first, finds no library in the files, and gives up.
        string broken = Directory.CreateDirectory(Path.Combine(issuer.Folder, "broken")).FullName;
        foreach (string name in new[] { "libsodium.so.23", "libsodium.so.26" })
            await File.WriteAllTextAsync(Path.Combine(broken, name), "no library", TestContext.Current.CancellationToken);
        issuer.Environment["LD_LIBRARY_PATH"] = broken;
        (int exitCode, _, string error) = await issuer.TryRunAsync("serve");
        Assert.NotEqual(0, exitCode);
        Assert.Contains("Keys:TokenType", error, StringComparison.Ordinal);
        Assert.Contains("libsodium23", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    private static TokenChallenge Challenge(ushort type) => TokenChallenge.Create(type, "issuer.example", [], "gateway.example");

    private static byte[] Length(int value) => [(byte)(0x40 | (value >> 8)), (byte)(value & 0xFF)];

    private static PendingBatch Pending(TokenPublicKey key, int count)
    {
        Assert.True(PendingBatch.TryCreate(key, Challenge(key.Type.Id), count, out PendingBatch? pending, out _));
        return pending;
    }

    private async Task<TokenPublicKey> KeyAsync(IssuerProcess issuer, ushort type)
    {
        IssuerDirectory directory = await running.Client.DirectoryAsync(issuer.Address);
        Assert.True(directory.TryFindUsable(type, DateTimeOffset.UtcNow, out TokenPublicKey? key, out _));
        return key;
    }

    private async Task<(HttpStatusCode Status, int Tokens)> DrawAsync(string apiKey, TokenPublicKey key, int count)
    {
        using PendingBatch pending = Pending(key, count);
        using HttpResponseMessage response = await SendAsync(apiKey, pending.Request.ToArray(), pending.RequestMediaType);
        Assert.True(pending.TryFinalize(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken), out IReadOnlyList<Token>? tokens, out _));
        return (response.StatusCode, tokens.Count);
    }

    private Task<HttpResponseMessage> SendAsync(string apiKey, byte[] body, string mediaType, IssuerProcess? issuer = null) =>
        running.Client.SendAsync(IssuerClient.TokenRequest(issuer?.Address ?? running.Address, apiKey, body, mediaType));

    private async Task<HttpResponseMessage> AssertRefused(
        HttpStatusCode status, string type, string apiKey, byte[] body, string mediaType, IssuerProcess? issuer = null)
    {
        HttpResponseMessage response = await SendAsync(apiKey, body, mediaType, issuer);
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        using JsonDocument problem = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal("urn:veil:problem:" + type, problem.RootElement.GetProperty("type").GetString());
        return response;
    }
}
