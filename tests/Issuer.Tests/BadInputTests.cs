using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Veil.PrivacyPass;
using Veil.Proofs.Issuer;

namespace Veil.Issuer.Tests;

/// <summary>What is wrong with a request costs it its answer and nobody anything else: after each refusal the account has its whole quota, and its token is good.</summary>
public sealed class BadInputTests(RunningIssuer running) : IClassFixture<RunningIssuer>
{
    private const int Quota = 3;

    public static TheoryData<string, int, string> Refused => new()
    {
        { "no credential", 401, "account" },
        { "an unknown account", 401, "account" },
        { "a wrong secret", 401, "account" },
        { "another scheme", 401, "account" },
        { "a credential too many", 401, "account" },
        { "half a credential", 401, "account" },
        { "a gateway's secret", 401, "account" },
        { "a disabled account", 403, "account-disabled" },
        { "no media type", 415, "media-type" },
        { "another media type", 415, "media-type" },
        { "an empty body", 422, "token-request" },
        { "half a body", 422, "token-request" },
        { "a byte too many", 413, "too-large" },
        { "a megabyte", 413, "too-large" },
        { "an unknown type", 422, "token-request" },
        { "another type's key", 422, "token-request" },
        { "an unknown key", 422, "key" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_bad_token_request_is_refused_by_name_and_costs_no_quota(string how, int status, string type)
    {
        string apiKey = await running.Issuer.AddAccountAsync($"sender of {how}", Quota);
        TokenPublicKey key = await running.Client.KeyAsync(running.Address);
        byte[] body = [0, 2, key.TruncatedKeyId, .. new byte[256]];
        HttpRequestMessage request = how switch
        {
            "no credential" => IssuerClient.TokenRequest(running.Address, null, body),
            "an unknown account" => IssuerClient.TokenRequest(running.Address, "veil-0000000000000000-" + new string('0', 64), body),
            "a wrong secret" => IssuerClient.TokenRequest(running.Address, apiKey[..^1] + (apiKey[^1] == '0' ? '1' : '0'), body),
            "another scheme" => With(IssuerClient.TokenRequest(running.Address, null, body), "Authorization", "Basic " + Convert.ToBase64String(Encoding.ASCII.GetBytes(apiKey))),
            "a credential too many" => With(IssuerClient.TokenRequest(running.Address, apiKey, body), "Authorization", "Bearer " + apiKey),
            "half a credential" => IssuerClient.TokenRequest(running.Address, apiKey[..40], body),
            "a gateway's secret" => IssuerClient.TokenRequest(running.Address, IssuerProcess.GatewaySecret, body),
            "a disabled account" => IssuerClient.TokenRequest(running.Address, await DisabledAsync(), body),
            "no media type" => Untyped(IssuerClient.TokenRequest(running.Address, apiKey, body)),
            "another media type" => IssuerClient.TokenRequest(running.Address, apiKey, body, "application/json"),
            "an empty body" => IssuerClient.TokenRequest(running.Address, apiKey, []),
            "half a body" => IssuerClient.TokenRequest(running.Address, apiKey, body[..130]),
            "a byte too many" => Expecting(IssuerClient.TokenRequest(running.Address, apiKey, [.. body, 0])),
            "a megabyte" => Expecting(IssuerClient.TokenRequest(running.Address, apiKey, new byte[1_000_000])),
            "an unknown type" => IssuerClient.TokenRequest(running.Address, apiKey, [0xDA, 0x7A, .. body[2..]]),
            "another type's key" => IssuerClient.TokenRequest(running.Address, apiKey, [0, 1, .. body[2..]]),
            _ => IssuerClient.TokenRequest(running.Address, apiKey, [0, 2, (byte)(key.TruncatedKeyId ^ 1), .. new byte[256]]),
        };

        using HttpResponseMessage response = await running.Client.SendAsync(request);
        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.Equal($"urn:veil:problem:{type}", await TypeOf(response));
        Assert.Equal(status == 401, response.Headers.WwwAuthenticate.Count > 0);
        Assert.Equal(Quota, (await running.Client.DrawAsync(running.Address, apiKey, Quota)).Count);
        Assert.Null(await running.Client.DrawOneAsync(running.Address, apiKey, key));
        Assert.Contains("urn:veil:problem:quota", running.Client.LastRefusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("the secret of somebody else", "application/json", "{", 401, "gateway")]
    [InlineData(IssuerProcess.GatewaySecret, "text/plain", "{", 415, "media-type")]
    [InlineData(IssuerProcess.GatewaySecret, "application/json", "{", 400, "malformed")]
    [InlineData(IssuerProcess.GatewaySecret, "application/json", "too many", 413, "too-many")]
    [InlineData(IssuerProcess.GatewaySecret, "application/json", "too large", 413, "too-large")]
    public async Task A_bad_redemption_is_refused_by_name_and_spends_nothing(string secret, string mediaType, string body, int status, string type)
    {
        byte[] token = await running.DrawAsync();
        string good = IssuerClient.RedemptionBody([(token, IssuerClient.NewId())]);
        body = body switch
        {
            "too many" => IssuerClient.RedemptionBody(Enumerable.Range(0, 1001).Select(_ => (token[..10], IssuerClient.NewId())).Prepend((token, IssuerClient.NewId()))),
            "too large" => good + new string(' ', 1_900_000),
            _ => good + body,
        };
        using (HttpResponseMessage response = await running.Client.SendAsync(Expecting(IssuerClient.RedemptionRequest(running.Address, secret, body, mediaType))))
        {
            Assert.Equal((HttpStatusCode)status, response.StatusCode);
            Assert.Equal($"urn:veil:problem:{type}", await TypeOf(response));
        }

        Assert.Equal(["accepted"], await running.Client.RedeemAsync(running.Address, [(token, IssuerClient.NewId())]));
    }

    [Theory]
    [InlineData("POST /token-request HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("POST /token-request HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST /token-request HTTP/1.1\r\n\r\n")]
    [InlineData("nonsense\r\n\r\n")]
    public async Task Bytes_that_are_no_request_end_their_connection_and_the_issuer_goes_on(string bytes)
    {
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(running.Address.Host, running.Address.Port, TestContext.Current.CancellationToken);
            NetworkStream stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(bytes), TestContext.Current.CancellationToken);
            client.Client.Shutdown(SocketShutdown.Send);
            using var reader = new StreamReader(stream, Encoding.ASCII);
            string answer = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
            Assert.DoesNotContain("HTTP/1.1 2", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", answer, StringComparison.Ordinal);
        }

        Assert.NotEmpty(await running.DrawAsync());
    }

    [Fact]
    public async Task A_body_that_never_ends_is_cut_off_and_counts_nothing()
    {
        string apiKey = await running.Issuer.AddAccountAsync("endless sender", 1);
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(running.Address.Host, running.Address.Port, TestContext.Current.CancellationToken);
            string head = $"POST /token-request HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {apiKey}\r\nContent-Type: {PrivacyPassMediaTypes.TokenRequest}\r\nTransfer-Encoding: chunked\r\n\r\n";
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), TestContext.Current.CancellationToken);
            Task<string> answer = new StreamReader(client.GetStream(), Encoding.ASCII).ReadToEndAsync(TestContext.Current.CancellationToken);
            byte[] chunk = Encoding.ASCII.GetBytes("100\r\n" + new string('x', 256) + "\r\n");
            try
            {
                while (!answer.IsCompleted)
                {
                    await client.GetStream().WriteAsync(chunk, TestContext.Current.CancellationToken);
                }

                Assert.Contains("413", await answer, StringComparison.Ordinal);
            }
            catch (IOException)
            {
                // The connection was reset before the answer was read, which cuts the body off as well.
            }
        }

        Assert.Single(await running.Client.DrawAsync(running.Address, apiKey, 1));
    }

    private static async Task<string?> TypeOf(HttpResponseMessage response)
    {
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        using JsonDocument problem = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        return problem.RootElement.GetProperty("type").GetString();
    }

    private static HttpRequestMessage With(HttpRequestMessage request, string name, string value)
    {
        Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        return request;
    }

    private static HttpRequestMessage Untyped(HttpRequestMessage request)
    {
        request.Content!.Headers.ContentType = null;
        return request;
    }

    /// <summary>The refusal comes before the content: who sends all the same may find the connection closed.</summary>
    private static HttpRequestMessage Expecting(HttpRequestMessage request)
    {
        request.Headers.ExpectContinue = true;
        return request;
    }

    private async Task<string> DisabledAsync()
    {
        string apiKey = await running.Issuer.AddAccountAsync("disabled", Quota);
        await running.Issuer.RunAsync("accounts", "disable", "disabled");
        return apiKey;
    }
}
