using System.Net;
using System.Security.Cryptography;
using Veil.Gateway.Tests.Parties;
using Veil.Ohttp;

namespace Veil.Gateway.Tests.Pipeline;

/// <summary>What happens before a request is opened: all of it in clear, none of it telling.</summary>
public sealed class OuterRequestTests(GatewayFixture fixture)
{
    private readonly TestGateway _gateway = fixture.Gateway;

    [Fact]
    public async Task Anybody_can_read_the_key_configurations()
    {
        using TestClient stranger = _gateway.Stranger();
        using HttpResponseMessage response = await stranger.Http.GetAsync(stranger.Resource, TestContext.Current.CancellationToken);

        Assert.Equal(OhttpMediaType.Keys, response.Content.Headers.ContentType?.MediaType);
        Assert.True(response.Headers.CacheControl!.Public);
        Assert.Equal((await stranger.KeyAsync()).Write(), (await _gateway.Client.KeyAsync()).Write());
    }

    [Fact]
    public async Task Without_a_relays_certificate_no_request_is_taken()
    {
        using TestClient stranger = _gateway.Stranger();
        (byte[] request, _) = TestClient.Seal(await stranger.KeyAsync(), TestClient.Request(TestGateway.Authority, "/"));
        using HttpResponseMessage response = await stranger.PostAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task A_certificate_of_no_relay_fails_the_handshake()
    {
        using var other = new TestClient(_gateway.Url, _gateway.Certificates.RootFile, _gateway.Certificates.Issue("other-relay"));

        await Assert.ThrowsAsync<HttpRequestException>(() => other.Http.GetAsync(other.Resource, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task All_failures_to_open_look_alike()
    {
        (byte[] request, _) = TestClient.Seal(await _gateway.Client.KeyAsync(), TestClient.Request(TestGateway.Authority, "/"));
        var answers = new HashSet<string>();
        foreach (byte[] broken in Broken(request))
        {
            using HttpResponseMessage plain = await _gateway.Client.PostAsync(broken);
            answers.Add($"{plain.StatusCode} {plain.Headers} {plain.Content.Headers} {await plain.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}".Replace($"{plain.Headers.Date:r}", "", StringComparison.Ordinal));
            using HttpResponseMessage chunked = await _gateway.Client.PostAsync(broken, OhttpMediaType.ChunkedRequest);
            answers.Add($"{chunked.StatusCode} {chunked.Headers} {chunked.Content.Headers} {await chunked.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}".Replace($"{chunked.Headers.Date:r}", "", StringComparison.Ordinal));
        }

        string answer = Assert.Single(answers);
        Assert.StartsWith("BadRequest", answer, StringComparison.Ordinal);
        Assert.Contains(ProblemMapping.OhttpKey, answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/octet-stream")]
    [InlineData("message/bhttp")]
    [InlineData("message/ohttp-res")]
    public async Task Another_media_type_is_refused(string mediaType)
    {
        using HttpResponseMessage response = await _gateway.Client.PostAsync([1], mediaType);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Fact]
    public async Task A_request_beyond_the_limit_is_refused_by_its_length_alone()
    {
        using HttpResponseMessage response = await _gateway.Client.PostAsync(new byte[(1 << 20) + 1]);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task Another_path_or_method_is_none_of_its_business()
    {
        using HttpResponseMessage path = await _gateway.Client.Http.GetAsync(new Uri(_gateway.Url, "/healthz"), TestContext.Current.CancellationToken);
        using HttpResponseMessage method = await _gateway.Client.Http.DeleteAsync(_gateway.Client.Resource, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, path.StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, method.StatusCode);
    }

    private static IEnumerable<byte[]> Broken(byte[] request)
    {
        byte[] Flip(int index)
        {
            byte[] flipped = [.. request];
            flipped[index] ^= 1;
            return flipped;
        }

        yield return [];
        yield return request[..6];
        yield return request[..30];
        yield return request[..^1];
        yield return Flip(0);
        yield return Flip(2);
        yield return Flip(4);
        yield return Flip(6);
        yield return Flip(20);
        yield return Flip(request.Length - 1);
        yield return RandomNumberGenerator.GetBytes(200);
    }
}
