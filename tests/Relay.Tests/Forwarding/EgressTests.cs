using System.Net;
using Veil.Relay.Tests.Rig;

namespace Veil.Relay.Tests.Forwarding;

/// <summary>I1: relay egress carries nothing of the client. I2: its connections to the gateway are shared by all clients.</summary>
public sealed class EgressTests : IDisposable
{
    private const string Canary = "c4n4ry";
    private const string Other = "0th3r";

    /// <summary>Every field that a proxy is known to pass on, to add to, or to act upon.</summary>
    private static readonly string[] Names =
    [
        "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix", "Forwarded", "Via", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP", "X-Client-IP",
        "Cookie", "Authorization", "Proxy-Authorization", "User-Agent", "Accept", "Accept-Language", "Accept-Encoding", "Referer", "Origin", "traceparent", "tracestate", "baggage",
        "Request-Id", "Correlation-Context", "X-Request-Id", "Sec-CH-UA", "Sec-CH-UA-Platform", "DNT", "Date", "If-None-Match", "If-Modified-Since", "Range", "Priority", "Early-Data",
        "X-Unknown", "Keep-Alive", "Pragma", "Cache-Control", "X-HTTP-Method-Override", "Content-Language", "Content-Disposition", "Incremental", "From", "Max-Forwards", "Trailer",
    ];

    private readonly TestCertificates _certificates = new();

    public static TheoryData<string, string, string> Cases() => new()
    {
        { "1.1", MediaTypes.Request, "Information" },
        { "1.1", MediaTypes.ChunkedRequest, "Information" },
        { "2", MediaTypes.Request, "Information" },
        { "2", MediaTypes.ChunkedRequest, "Information" },
        { "1.1", MediaTypes.Request, "Trace" },
        { "1.1", MediaTypes.ChunkedRequest, "Trace" },
        { "2", MediaTypes.Request, "Trace" },
        { "2", MediaTypes.ChunkedRequest, "Trace" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task I1_two_clients_that_differ_in_everything_send_the_same_bytes_but_for_the_sealed_body(string version, string mediaType, string level)
    {
        await using RawGateway gateway = version == "2" ? new Http2Gateway(_certificates) : new Http11Gateway(_certificates);
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url, version, $"--Logging:LogLevel:Default={level}", $"--Logging:LogLevel:Microsoft.AspNetCore={level}");

        await SendPlainAsync(relay, mediaType, Sealed.Bytes("sealed request of one"));
        await SendLoudAsync(relay, mediaType, Sealed.Bytes("sealed request of two"));

        RawRequest[] arrived = [.. gateway.Posts];
        Assert.Equal(2, arrived.Length);
        Assert.Equal(arrived[0].HeadText, arrived[1].HeadText);
        Assert.Equal("sealed request of one", System.Text.Encoding.ASCII.GetString(arrived[0].Body));
        Assert.Equal("sealed request of two", System.Text.Encoding.ASCII.GetString(arrived[1].Body));
        Assert.DoesNotContain(Canary, arrived[1].HeadText, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Other, arrived[0].HeadText, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Other, relay.Log, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Canary, relay.Log, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("127.0.0.2", relay.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_held_request_leaves_with_exactly_four_lines_over_http_1_1()
    {
        await using var gateway = new Http11Gateway(_certificates);
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url, "1.1");

        await SendLoudAsync(relay, MediaTypes.Request, Sealed.Bytes("sealed"));

        Assert.Equal(
            $"POST /.well-known/ohttp-gateway HTTP/1.1\r\nHost: {gateway.Url.Authority}\r\nContent-Type: message/ohttp-req\r\nContent-Length: 6\r\n\r\n",
            gateway.Posts.Single().HeadText);
    }

    [Fact]
    public async Task A_chunked_request_never_has_a_length_and_says_that_it_is_incremental()
    {
        await using var gateway = new Http11Gateway(_certificates);
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url, "1.1");

        await SendPlainAsync(relay, MediaTypes.ChunkedRequest, Sealed.Bytes("sealed"));

        Assert.Equal(
            $"POST /.well-known/ohttp-gateway HTTP/1.1\r\nHost: {gateway.Url.Authority}\r\nIncremental: ?1\r\nTransfer-Encoding: chunked\r\nContent-Type: message/ohttp-chunked-req\r\n\r\n",
            gateway.Posts.Single().HeadText);
    }

    [Fact]
    public async Task Over_http_2_a_held_request_has_six_fields_and_a_chunked_one_six_others()
    {
        await using var gateway = new Http2Gateway(_certificates);
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url);

        await SendLoudAsync(relay, MediaTypes.Request, Sealed.Bytes("sealed"));
        await SendLoudAsync(relay, MediaTypes.ChunkedRequest, Sealed.Bytes("sealed"));

        string start = $":method: POST\n:scheme: https\n:authority: {gateway.Url.Authority}\n:path: /.well-known/ohttp-gateway\n";
        RawRequest[] arrived = [.. gateway.Posts];
        Assert.Equal(start + "content-type: message/ohttp-req\ncontent-length: 6\n", arrived[0].HeadText);
        Assert.Equal(start + "incremental: ?1\ncontent-type: message/ohttp-chunked-req\n", arrived[1].HeadText);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2")]
    public async Task I2_the_connection_of_a_request_predicts_its_client_no_better_than_chance(string version)
    {
        await using RawGateway gateway = version == "2" ? new Http2Gateway(_certificates) : new Http11Gateway(_certificates);
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url, version);

        await AlternateAsync(relay, "client A", "client B");

        // The best simple guess: a connection's next request is from the client of its last one.
        var last = new Dictionary<int, string>();
        int guesses = 0, right = 0;
        foreach (RawRequest request in gateway.Posts)
        {
            string client = System.Text.Encoding.ASCII.GetString(request.Body);
            if (last.TryGetValue(request.Connection, out string? before))
            {
                guesses++;
                right += before == client ? 1 : 0;
            }
            last[request.Connection] = client;
        }
        // 200 requests: chance has a standard deviation of 0.04, and strict alternation would be predicted by the opposite guess.
        Assert.True(guesses >= 150, $"{guesses} guesses");
        double rate = (double)right / guesses;
        if (version == "1.1")
            Assert.InRange(rate, 0.33, 0.67);
        else
            Assert.Single(last);
    }

    public void Dispose() => _certificates.Dispose();

    /// <summary>100 requests of each client, side by side in every round: a client that ran ahead alone would be easy to predict, whatever the connections are.</summary>
    private static async Task AlternateAsync(RunningRelay relay, string first, string second)
    {
        using HttpClient one = relay.NewClient();
        using HttpClient other = relay.NewClient();
        for (int i = 0; i < 100; i++)
            await Task.WhenAll(SendAsync(one, first), SendAsync(other, second));
    }

    private static async Task SendAsync(HttpClient client, string body)
    {
        using HttpResponseMessage answer = await client.PostAsync("/g", Sealed.Content(Sealed.Bytes(body)), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    /// <summary>HTTP/2 with a known length and the same fields as the loud client, every value another.</summary>
    private static async Task SendPlainAsync(RunningRelay relay, string mediaType, byte[] body)
    {
        using HttpClient client = relay.NewClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/g?{Other}") { Content = Sealed.Content(body, mediaType), Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Host = $"{Other}.example";
        foreach (string name in Names)
        {
            string value = name is "Incremental" ? "?1" : Other;
            Assert.True(request.Headers.TryAddWithoutValidation(name, value) || request.Content.Headers.TryAddWithoutValidation(name, value), name);
        }

        using HttpResponseMessage answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal("answer", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>HTTP/1.1 from another address, with a query and a trailer, the canary in every field.</summary>
    private static async Task SendLoudAsync(RunningRelay relay, string mediaType, byte[] body)
    {
        var head = new System.Text.StringBuilder($"POST /g?q={Canary} HTTP/1.1\r\nHost: {Canary}.example\r\n");
        foreach (string name in Names)
            head.Append(name).Append(": ").Append(name is "Incremental" ? "?0" : Canary).Append("\r\n");
        head.Append("Connection: X-Unknown\r\nTE: trailers\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n");
        head.Append("Content-Type: ").Append(mediaType).Append("\r\n\r\n");
        await using RawClient client = await RawClient.ConnectAsync(relay, IPAddress.Parse("127.0.0.2"));
        await client.SendAsync(head.ToString());
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", await client.HeadAsync());
        await client.SendAsync($"{body.Length:x}\r\n{System.Text.Encoding.ASCII.GetString(body)}\r\n0\r\nX-Trailer: {Canary}\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await client.HeadAsync(), StringComparison.Ordinal);
    }
}
