using System.Net;
using System.Text;
using System.Text.Json;
using Veil.PrivacyPass;
using Veil.Proofs.Issuer;

namespace Veil.Issuer.Tests;

public sealed class IssuanceTests(RunningIssuer running) : IClassFixture<RunningIssuer>
{
    private static readonly byte[] WellFormed = [0, 2, .. new byte[257]];

    [Fact]
    public async Task A_drawn_token_verifies_under_the_published_key()
    {
        TokenPublicKey key = await running.Client.KeyAsync(running.Address);
        Assert.True(Token.TryParse(await running.DrawAsync(), out Token? token, out _));
        Assert.True(key.Verify(token));
    }

    [Fact]
    public async Task The_directory_is_the_same_for_everybody_and_may_be_cached()
    {
        using HttpResponseMessage first = await Get("Accept-Language", "de");
        using HttpResponseMessage second = await Get("User-Agent", "other");
        Assert.Equal(PrivacyPassMediaTypes.IssuerDirectory, first.Content.Headers.ContentType!.MediaType);
        Assert.Equal("public, max-age=3600", first.Headers.CacheControl!.ToString());
        Assert.Equal(await first.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken), await second.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));

        Task<HttpResponseMessage> Get(string name, string value)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, new Uri(running.Address, IssuerDirectory.WellKnownPath));
            request.Headers.Add(name, value);
            return running.Client.SendAsync(request);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("veil-0123456789abcdef")]
    [InlineData("veil-0123456789abcdef-0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("VEIL-0123456789ABCDEF-0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task Unknown_accounts_are_refused(string? apiKey) =>
        await AssertRefused(HttpStatusCode.Unauthorized, "urn:veil:problem:account", IssuerClient.TokenRequest(running.Address, apiKey, WellFormed));

    [Fact]
    public async Task The_right_account_with_a_wrong_secret_is_refused() => await AssertRefused(
        HttpStatusCode.Unauthorized, "urn:veil:problem:account", IssuerClient.TokenRequest(running.Address, running.ApiKey[..^64] + new string('0', 64), WellFormed));

    [Fact]
    public async Task A_disabled_account_draws_nothing_from_that_moment()
    {
        string apiKey = await running.Issuer.AddAccountAsync("mallory", quota: 5);
        Assert.Single(await running.Client.DrawAsync(running.Address, apiKey, 1));
        await running.Issuer.RunAsync("accounts", "disable", "mallory");
        await AssertRefused(HttpStatusCode.Forbidden, "urn:veil:problem:account-disabled", IssuerClient.TokenRequest(running.Address, apiKey, WellFormed));
    }

    [Theory]
    [InlineData("GET", "/", HttpStatusCode.NotFound, "nothing-here", null)]
    [InlineData("POST", "/token-requests", HttpStatusCode.NotFound, "nothing-here", null)]
    [InlineData("GET", "/token-request", HttpStatusCode.MethodNotAllowed, "method", "POST")]
    [InlineData("PUT", "/redeem", HttpStatusCode.MethodNotAllowed, "method", "POST")]
    [InlineData("POST", "/.well-known/private-token-issuer-directory", HttpStatusCode.MethodNotAllowed, "method", "GET")]
    public async Task A_wrong_path_or_method_is_refused_with_a_problem(string method, string path, HttpStatusCode status, string type, string? allowed)
    {
        using HttpResponseMessage refused = await AssertRefused(status, "urn:veil:problem:" + type, new(new HttpMethod(method), new Uri(running.Address, path)));
        Assert.Equal(allowed, refused.Content.Headers.Allow.SingleOrDefault());
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/private-token-requests")]
    [InlineData("message/ohttp-req")]
    public async Task Another_media_type_is_refused(string mediaType) => await AssertRefused(
        HttpStatusCode.UnsupportedMediaType, "urn:veil:problem:media-type", IssuerClient.TokenRequest(running.Address, running.ApiKey, WellFormed, mediaType));

    [Theory]
    [InlineData(260)]
    [InlineData(100_000)]
    [InlineData(5_000_000)]
    public async Task A_request_larger_than_any_type_is_refused(int size)
    {
        HttpRequestMessage request = IssuerClient.TokenRequest(running.Address, running.ApiKey, new byte[size]);
        request.Headers.ExpectContinue = true; // The refusal comes before the content: who sends all the same may find the connection closed.
        await AssertRefused(HttpStatusCode.RequestEntityTooLarge, "urn:veil:problem:too-large", request);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("000200")]
    [InlineData("da7a00ff")]
    [InlineData("000100")]
    public async Task A_malformed_request_is_refused(string hex) => await AssertRefused(
        HttpStatusCode.UnprocessableEntity, "urn:veil:problem:token-request", IssuerClient.TokenRequest(running.Address, running.ApiKey, Convert.FromHexString(hex)));

    [Fact]
    public async Task A_key_that_is_not_here_is_refused()
    {
        byte other = (byte)((await running.Client.KeyAsync(running.Address)).TruncatedKeyId + 1 & 0xFF);
        await AssertRefused(HttpStatusCode.UnprocessableEntity, "urn:veil:problem:key", IssuerClient.TokenRequest(running.Address, running.ApiKey, [0, 2, other, .. new byte[256]]));
    }

    [Theory]
    [InlineData(0x00)]
    [InlineData(0xFF)]
    public async Task A_blinded_element_outside_the_group_is_refused(byte fill)
    {
        byte keyId = (await running.Client.KeyAsync(running.Address)).TruncatedKeyId;
        byte[] element = new byte[256];
        Array.Fill(element, fill);
        await AssertRefused(HttpStatusCode.UnprocessableEntity, "urn:veil:problem:token-request", IssuerClient.TokenRequest(running.Address, running.ApiKey, [0, 2, keyId, .. element]));
    }

    [Fact]
    public async Task A_quota_holds_under_concurrent_requests_and_says_when_to_come_back()
    {
        string apiKey = await running.Issuer.AddAccountAsync("bob", quota: 7);
        TokenPublicKey key = await running.Client.KeyAsync(running.Address);
        byte[]?[] drawn = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => running.Client.DrawOneAsync(running.Address, apiKey, key)));
        Assert.Equal(7, drawn.Count(token => token is not null));

        byte[] body = [0, 2, key.TruncatedKeyId, .. new byte[256]];
        using HttpResponseMessage refused = await AssertRefused(HttpStatusCode.TooManyRequests, "urn:veil:problem:quota", IssuerClient.TokenRequest(running.Address, apiKey, body));
        Assert.True(refused.Headers.RetryAfter!.Delta > TimeSpan.Zero);
    }

    [Fact]
    public async Task A_name_is_given_to_one_account()
    {
        await running.Issuer.AddAccountAsync("carol", quota: 1);
        (int exitCode, _, string error) = await running.Issuer.TryRunAsync("accounts", "add", "carol");
        Assert.NotEqual(0, exitCode);
        Assert.Contains("carol", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Neither_databases_nor_output_nor_metrics_hold_what_a_client_sent()
    {
        byte[] token = await running.DrawAsync();
        await running.Client.RedeemAsync(running.Address, [(token, IssuerClient.NewId())]);
        using HttpResponseMessage metrics = await running.Client.SendAsync(new(HttpMethod.Get, new Uri(running.Issuer.Management, "/metrics")));
        string said = running.Issuer.Output + await metrics.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        string accountId = running.ApiKey.Split('-')[1];
        string secret = running.ApiKey.Split('-')[2];
        Assert.Contains("veil_issuer_tokens_issued", said, StringComparison.Ordinal);
        Assert.DoesNotContain(accountId, said, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, said, StringComparison.Ordinal);
        foreach (string file in Directory.GetFiles(running.Issuer.Folder, "*.db*"))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            byte[] content = new byte[stream.Length];
            stream.ReadExactly(content);
            Assert.Equal(-1, content.AsSpan().IndexOf(Encoding.ASCII.GetBytes(secret)));
            Assert.Equal(-1, content.AsSpan().IndexOf(Convert.FromHexString(secret)));
            Assert.Equal(-1, content.AsSpan().IndexOf(token.AsSpan(2, 32)));
            if (Path.GetFileName(file).StartsWith("spent", StringComparison.Ordinal))
                Assert.Equal(-1, content.AsSpan().IndexOf(Encoding.ASCII.GetBytes(accountId)));
        }
    }

    private async Task<HttpResponseMessage> AssertRefused(HttpStatusCode status, string type, HttpRequestMessage request)
    {
        HttpResponseMessage response = await running.Client.SendAsync(request);
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        using JsonDocument problem = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal(type, problem.RootElement.GetProperty("type").GetString());
        return response;
    }
}
