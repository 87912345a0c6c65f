using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Veil.Relay.Forwarding;
using Veil.Relay.Limits;
using Veil.Relay.Tests.Rig;
using Veil.ServiceDefaults;

namespace Veil.Relay.Tests.Forwarding;

public sealed class RefusalTests : IDisposable
{
    private const string Canary = "c4n4ry";

    private readonly TestCertificates _certificates = new();

    [Theory]
    [InlineData("POST", "/nobody", MediaTypes.Request, 4, 404, "unknown-gateway")]
    [InlineData("POST", "/", MediaTypes.Request, 4, 404, "unknown-gateway")]
    [InlineData("POST", "/g/", MediaTypes.Request, 4, 404, "unknown-gateway")]
    [InlineData("POST", "/G", MediaTypes.Request, 4, 404, "unknown-gateway")]
    [InlineData("POST", "/g/https://elsewhere.example", MediaTypes.Request, 4, 404, "unknown-gateway")]
    [InlineData("PUT", "/g", MediaTypes.Request, 4, 405, "wrong-method")]
    [InlineData("DELETE", "/g", MediaTypes.Request, 4, 405, "wrong-method")]
    [InlineData("POST", "/g", "text/plain", 4, 415, "wrong-media-type")]
    [InlineData("POST", "/g", "message/ohttp-res", 4, 415, "wrong-media-type")]
    [InlineData("POST", "/g", "message/ohttp-req; id=" + Canary, 4, 415, "wrong-media-type")]
    [InlineData("POST", "/g", MediaTypes.Request, 0, 400, "empty")]
    [InlineData("POST", "/g", MediaTypes.Request, 2049, 413, "too-large")]
    [InlineData("POST", "/g", MediaTypes.ChunkedRequest, 4097, 413, "too-large")]
    public async Task A_request_that_is_not_the_relays_is_refused_with_a_problem(string method, string path, string mediaType, int size, int status, string type)
    {
        await using var gateway = new Http11Gateway(_certificates);
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url, "1.1", "--Relay:MaxRequestBytes=2048", "--Relay:MaxChunkedRequestBytes=4096");
        foreach (Version version in (Version[])[HttpVersion.Version11, HttpVersion.Version20])
        {
            using HttpClient client = relay.NewClient(version);
            using var request = new HttpRequestMessage(new HttpMethod(method), $"{path}?q={Canary}") { Version = version, Content = Sealed.Content(new byte[size], mediaType) };
            using HttpResponseMessage answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
            await AssertProblemAsync(answer, status, type);
        }
        Assert.Empty(gateway.Posts);
    }

    [Theory]
    [InlineData(MediaTypes.Request, 2049)]
    [InlineData(MediaTypes.ChunkedRequest, 200_000)]
    public async Task A_request_of_unknown_length_is_refused_when_it_passes_the_limit(string mediaType, int size)
    {
        await using AppGateway gateway = await AppGateway.StartAsync(_certificates, AppGateway.Answer("answer"));
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url, "2", "--Relay:MaxRequestBytes=2048", "--Relay:MaxChunkedRequestBytes=4096");
        using HttpClient client = relay.NewClient(HttpVersion.Version11);
        var content = new PushedContent(mediaType);
        content.Push(new byte[size]);
        content.End();
        using HttpResponseMessage answer = await client.PostAsync("/g", content, TestContext.Current.CancellationToken);
        await AssertProblemAsync(answer, 413, "too-large");
    }

    [Theory]
    [InlineData(200, "text/html", 502, "gateway-answered-wrongly")]
    [InlineData(200, MediaTypes.ChunkedResponse, 502, "gateway-answered-wrongly")]
    [InlineData(204, MediaTypes.Response, 502, "gateway-answered-wrongly")]
    [InlineData(302, MediaTypes.Response, 502, "gateway-answered-wrongly")]
    [InlineData(404, "text/html", 502, "gateway-answered-wrongly")]
    [InlineData(500, "text/plain", 502, "gateway-answered-wrongly")]
    public async Task Nothing_of_an_answer_that_is_not_ohttp_reaches_the_client(int status, string mediaType, int expected, string type)
    {
        await using AppGateway gateway = await AppGateway.StartAsync(_certificates, async context =>
        {
            context.Response.Headers["X-Upstream"] = Canary;
            context.Response.Headers.SetCookie = Canary;
            context.Response.Headers.Location = "https://elsewhere.example/" + Canary;
            await AppGateway.Answer(status == 204 ? "" : Canary, mediaType, status)(context);
        });
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url);
        using HttpClient client = relay.NewClient();
        using HttpResponseMessage answer = await client.PostAsync("/g", Sealed.Content([1]), TestContext.Current.CancellationToken);
        await AssertProblemAsync(answer, expected, type);
        Assert.DoesNotContain(Canary, answer.Headers.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, 400)]
    [InlineData(422, 422)]
    [InlineData(429, 429)]
    [InlineData(503, 503)]
    [InlineData(403, 400)]
    [InlineData(500, 502)]
    public async Task A_refusal_of_the_gateway_keeps_its_problem_and_a_status_of_the_closed_set(int status, int expected)
    {
        await using AppGateway gateway = await AppGateway.StartAsync(_certificates, AppGateway.Answer("{\"type\":\"x\"}", "application/problem+json", status));
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url);
        using HttpClient client = relay.NewClient();
        using HttpResponseMessage answer = await client.PostAsync("/g", Sealed.Content([1]), TestContext.Current.CancellationToken);
        Assert.Equal(expected, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal("{\"type\":\"x\"}", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Only_the_named_fields_of_an_answer_pass()
    {
        await using AppGateway gateway = await AppGateway.StartAsync(_certificates, async context =>
        {
            foreach (string name in (string[])["Server", "Via", "Alt-Svc", "ETag", "Set-Cookie", "X-Upstream", "Retry-After", "traceresponse", "Last-Modified", "Server-Timing"])
                context.Response.Headers[name] = Canary;
            context.Response.Headers.CacheControl = "public, max-age=3600";
            context.Response.AppendTrailer("X-Trailer", Canary);
            await AppGateway.Answer("answer")(context);
        });
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url);
        using HttpClient client = relay.NewClient();
        using HttpResponseMessage answer = await client.PostAsync("/g", Sealed.Content([1]), TestContext.Current.CancellationToken);

        Assert.Equal("answer", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(["Cache-Control", "Content-Length", "Content-Type", "Date"],
            answer.Headers.Concat(answer.Content.Headers).Select(header => header.Key).Order(StringComparer.Ordinal));
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
        Assert.Empty(answer.TrailingHeaders);
    }

    [Fact]
    public async Task Informational_answers_reason_phrases_and_trailers_of_the_gateway_never_cross()
    {
        await using var gateway = new Http11Gateway(_certificates, request => request.Body.Length == 0 ? Http11Gateway.Keys
            : $"HTTP/1.1 100 {Canary}\r\n\r\nHTTP/1.1 103 Early\r\nLink: {Canary}\r\n\r\nHTTP/1.1 200 {Canary}\r\nContent-Type: message/ohttp-chunked-res\r\n"
                + $"Trailer: X-Trailer\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nanswer\r\n0\r\nX-Trailer: {Canary}\r\n\r\n");
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url, "1.1");
        await using RawClient client = await RawClient.ConnectAsync(relay);
        await client.SendAsync("POST /g HTTP/1.1\r\nHost: relay\r\nContent-Type: message/ohttp-chunked-req\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx");
        string all = await client.RestAsync();

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", all, StringComparison.Ordinal);
        Assert.Contains("answer", all, StringComparison.Ordinal);
        Assert.EndsWith("0\r\n\r\n", all, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, all, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Connection: Upgrade\r\nUpgrade: websocket\r\n")]
    [InlineData("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n")]
    public async Task A_request_for_an_upgrade_reaches_no_gateway_as_one(string fields)
    {
        await using var gateway = new Http11Gateway(_certificates);
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url, "1.1");
        await using RawClient client = await RawClient.ConnectAsync(relay);
        await client.SendAsync($"POST /g HTTP/1.1\r\nHost: relay\r\nContent-Type: message/ohttp-chunked-req\r\n{fields}\r\n");
        await client.HeadAsync();
        Assert.All(gateway.Requests, request => Assert.DoesNotContain("upgrade", request.HeadText, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_gateway_that_is_not_there_is_a_502()
    {
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, new Uri("https://127.0.0.1:1/"));
        using HttpClient client = relay.NewClient();
        using HttpResponseMessage answer = await client.PostAsync("/g", Sealed.Content([1]), TestContext.Current.CancellationToken);
        await AssertProblemAsync(answer, 502, "gateway-unreachable");
    }

    [Fact]
    public async Task A_gateway_with_a_certificate_of_another_authority_gets_nothing()
    {
        using var others = new TestCertificates();
        await using AppGateway gateway = await AppGateway.StartAsync(others, AppGateway.Answer("answer"));
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url);
        using HttpClient client = relay.NewClient();
        using HttpResponseMessage answer = await client.PostAsync("/g", Sealed.Content([1]), TestContext.Current.CancellationToken);
        await AssertProblemAsync(answer, 502, "gateway-unreachable");
    }

    [Theory]
    [InlineData(MediaTypes.Request)]
    [InlineData(MediaTypes.ChunkedRequest)]
    public async Task A_gateway_that_says_nothing_is_a_504(string mediaType)
    {
        await using AppGateway gateway = await AppGateway.StartAsync(_certificates, context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url, "2", "--Relay:IdleTimeout=00:00:01");
        using HttpClient client = relay.NewClient();
        using HttpResponseMessage answer = await client.PostAsync("/g", Sealed.Content([1], mediaType), TestContext.Current.CancellationToken);
        await AssertProblemAsync(answer, 504, "timed-out");
    }

    [Fact]
    public async Task More_exchanges_than_the_limit_are_refused_at_once()
    {
        var entered = new TaskCompletionSource();
        var leave = new TaskCompletionSource();
        await using AppGateway gateway = await AppGateway.StartAsync(_certificates, async context =>
        {
            entered.TrySetResult();
            await leave.Task;
            await AppGateway.Answer("answer")(context);
        });
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url, "2", "--Relay:MaxConcurrentRequests=1");
        using HttpClient client = relay.NewClient();
        Task<HttpResponseMessage> first = client.PostAsync("/g", Sealed.Content([1]), TestContext.Current.CancellationToken);
        await entered.Task;
        using HttpResponseMessage second = await client.PostAsync("/g", Sealed.Content([1]), TestContext.Current.CancellationToken);
        await AssertProblemAsync(second, 503, "busy");
        leave.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await first).StatusCode);
        using HttpResponseMessage third = await client.PostAsync("/g", Sealed.Content([1]), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, third.StatusCode);
    }

    [Fact]
    public async Task One_address_cannot_take_all_the_places()
    {
        var entered = new TaskCompletionSource();
        var leave = new TaskCompletionSource();
        await using AppGateway gateway = await AppGateway.StartAsync(_certificates, async context =>
        {
            entered.TrySetResult();
            await leave.Task;
            await AppGateway.Answer("answer")(context);
        });
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url, "2", "--Relay:MaxConcurrentRequestsPerAddress=1");
        using HttpClient client = relay.NewClient();
        Task<HttpResponseMessage> first = client.PostAsync("/g", Sealed.Content([1]), TestContext.Current.CancellationToken);
        await entered.Task;
        using HttpResponseMessage second = await client.PostAsync("/g", Sealed.Content([1]), TestContext.Current.CancellationToken);
        Assert.Equal("1", second.Headers.GetValues("Retry-After").Single());
        await AssertProblemAsync(second, 429, "too-many-at-once");

        await using RawClient other = await RawClient.ConnectAsync(relay, IPAddress.Parse("127.0.0.9"));
        await other.SendAsync("POST /g HTTP/1.1\r\nHost: relay\r\nContent-Type: message/ohttp-req\r\nContent-Length: 1\r\n\r\nx");
        leave.SetResult();
        Assert.StartsWith("HTTP/1.1 200 OK", await other.HeadAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await first).StatusCode);
        using HttpResponseMessage third = await client.PostAsync("/g", Sealed.Content([1]), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, third.StatusCode);
    }

    [Fact]
    public async Task What_is_announced_and_never_sent_takes_no_memory_from_others_and_ends_in_time()
    {
        await using AppGateway gateway = await AppGateway.StartAsync(_certificates, AppGateway.Answer("answer"));
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url, "2", "--Relay:MaxBufferedBytes=1048576", "--Relay:ReadTimeout=00:00:02");
        await using RawClient idler = await RawClient.ConnectAsync(relay);
        await idler.SendAsync("POST /g HTTP/1.1\r\nHost: relay\r\nContent-Type: message/ohttp-req\r\nContent-Length: 1048576\r\nExpect: 100-continue\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 100", await idler.HeadAsync(), StringComparison.Ordinal);

        using HttpClient client = relay.NewClient();
        using HttpResponseMessage answer = await client.PostAsync("/g", Sealed.Content([1]), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.StartsWith("HTTP/1.1 408", await idler.HeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Held_requests_share_a_bounded_memory()
    {
        var room = new Room(100);
        using var first = new HeldRequest(room);
        Assert.Null(await first.ReadAsync(new MemoryStream(new byte[60]), 1024, TestContext.Current.CancellationToken));
        using (var second = new HeldRequest(room))
            Assert.Equal(RelayOutcome.Busy, await second.ReadAsync(new MemoryStream(new byte[60]), 1024, TestContext.Current.CancellationToken));
        first.Dispose();
        using var third = new HeldRequest(room);
        Assert.Null(await third.ReadAsync(new MemoryStream(new byte[100]), 1024, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_address_over_its_budget_is_refused_and_another_is_not()
    {
        await using AppGateway gateway = await AppGateway.StartAsync(_certificates, AppGateway.Answer("answer"));
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url, "2", "--Relay:RequestsPerSecond=1", "--Relay:Burst=3");
        using HttpClient client = relay.NewClient();
        var statuses = new List<HttpStatusCode>();
        for (int i = 0; i < 8; i++)
        {
            using HttpResponseMessage answer = await client.PostAsync("/g", Sealed.Content([1]), TestContext.Current.CancellationToken);
            statuses.Add(answer.StatusCode);
            if (answer.StatusCode is HttpStatusCode.TooManyRequests)
            {
                Assert.Equal("1", answer.Headers.GetValues("Retry-After").Single());
                await AssertProblemAsync(answer, 429, "rate-limited");
            }
        }
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK], statuses[..3]);
        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);

        await using RawClient other = await RawClient.ConnectAsync(relay, IPAddress.Parse("127.0.0.9"));
        await other.SendAsync("POST /g HTTP/1.1\r\nHost: relay\r\nContent-Type: message/ohttp-req\r\nContent-Length: 1\r\n\r\nx");
        Assert.StartsWith("HTTP/1.1 200 OK", await other.HeadAsync(), StringComparison.Ordinal);
    }

    public void Dispose() => _certificates.Dispose();

    private static async Task AssertProblemAsync(HttpResponseMessage answer, int status, string type)
    {
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.ToString());
        string body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain(Canary, body, StringComparison.Ordinal);
        using JsonDocument problem = JsonDocument.Parse(body);
        Assert.Equal($"urn:veil:problem:relay:{type}", problem.RootElement.GetProperty("type").GetString());
        Assert.Equal(status, problem.RootElement.GetProperty("status").GetInt32());
    }
}
