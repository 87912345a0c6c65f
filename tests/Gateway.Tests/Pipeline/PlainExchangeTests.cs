using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Veil.Attestation;
using Veil.Bhttp;
using Veil.Gateway.Tests.Parties;
using Veil.Ohttp;
using Veil.PrivacyPass;

namespace Veil.Gateway.Tests.Pipeline;

/// <summary>Requests that are held whole: the order of checks, and what each side gets to see.</summary>
public sealed class PlainExchangeTests(GatewayFixture fixture)
{
    private readonly TestGateway _gateway = fixture.Gateway;

    private TestClient Client => _gateway.Client;

    [Fact]
    public async Task Without_a_token_the_one_fixed_challenge_comes_inside()
    {
        BinaryResponse first = await Client.SendAsync(TestClient.Request(TestGateway.Service, "/v1/chat", "hello"u8.ToArray()));
        BinaryResponse second = await Client.SendAsync(TestClient.Request(TestGateway.Service, "/other"));

        Assert.Equal(401, first.Head.Status);
        Assert.True(first.Head.Headers.TryGet("www-authenticate", out string? challenge));
        Assert.True(second.Head.Headers.TryGet("www-authenticate", out string? again));
        Assert.Equal(challenge, again);
        Assert.Equal(first.Content.ToArray(), second.Content.ToArray());
        Assert.True(TokenChallenge.TryParse((await ChallengeAsync()).Span, out TokenChallenge? parsed, out _));
        Assert.True(parsed.RedemptionContext.IsEmpty);
        Assert.Equal(TestGateway.Authority, parsed.OriginInfo);
    }

    [Fact]
    public async Task A_paid_request_reaches_a_host_and_its_answer_comes_back()
    {
        byte[] content = Encoding.UTF8.GetBytes("a question");
        BinaryResponse answer = await Client.SendAsync(TestClient.Request(TestGateway.Service, "/v1/a%2Fb/../c?q=1", content, await TokenAsync(), fields: ("content-type", "text/plain")));

        Assert.Equal(200, answer.Head.Status);
        Assert.Equal(content, answer.Content.ToArray());
        Assert.True(answer.Head.Headers.TryGet("content-type", out string? type));
        Assert.Equal("text/plain", type);
        Assert.Contains(_gateway.Hosts, host => host.Clients.Contains("CN=" + TestGateway.Authority));
    }

    [Fact]
    public async Task A_host_sees_neither_token_nor_anything_of_the_person()
    {
        string canary = "canary-" + Guid.NewGuid().ToString("N");
        await Client.SendAsync(TestClient.Request(
            TestGateway.Service,
            "/seen",
            [1],
            await TokenAsync(),
            fields:
            [
                ("accept", "*/*"), ("cookie", canary), ("user-agent", canary), ("x-forwarded-for", canary), ("accept-language", canary), ("connection", "accept"), ("x-own", canary),
            ]));

        ReceivedRequest seen = _gateway.Hosts.SelectMany(host => host.Received).Single(request => request.Path == "/seen");
        Assert.Equal(["Accept", "Content-Length", "Host"], seen.Fields.Keys.Order());
        Assert.DoesNotContain(seen.Fields.Values, value => value.Contains(canary, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_a_hosts_fields_only_the_listed_reach_the_client()
    {
        _gateway.OpenHost.Workload = context =>
        {
            context.Response.StatusCode = StatusCodes.Status418ImATeapot;
            context.Response.Headers.SetCookie = "id=1";
            context.Response.Headers["x-host"] = "three";
            context.Response.Headers.ETag = "\"e\"";
            return context.Response.WriteAsync("short and stout");
        };
        BinaryResponse answer = await Client.SendAsync(TestClient.Request(TestGateway.OpenService, "/"));

        Assert.Equal(418, answer.Head.Status);
        FieldLine only = Assert.Single(Lines(answer.Head.Headers));
        Assert.Equal(new FieldLine("etag", "\"e\""), only);
    }

    [Fact]
    public async Task A_token_is_accepted_once()
    {
        byte[] token = await TokenAsync();
        BinaryResponse first = await Client.SendAsync(TestClient.Request(TestGateway.Service, "/once", [1], token));
        BinaryResponse second = await Client.SendAsync(TestClient.Request(TestGateway.Service, "/once", [1], token));

        Assert.Equal((200, 401), (first.Head.Status, second.Head.Status));
        Assert.Single(_gateway.Hosts.SelectMany(host => host.Received), request => request.Path == "/once");
    }

    [Fact]
    public async Task A_flaw_in_a_token_is_the_same_401_as_no_token()
    {
        byte[] nothing = (await Client.SendAsync(TestClient.Request(TestGateway.Service, "/"))).Content.ToArray();
        byte[] token = await TokenAsync();
        foreach (int index in new[] { 1, 20, 50, 80, 200 })
        {
            byte[] flawed = [.. token];
            flawed[index] ^= 1;
            BinaryResponse answer = await Client.SendAsync(TestClient.Request(TestGateway.Service, "/", token: flawed));
            Assert.Equal(401, answer.Head.Status);
            Assert.Equal(nothing, answer.Content.ToArray());
        }

        BinaryResponse twice = await Client.SendAsync(TestClient.Request(TestGateway.Service, "/", token: token, fields: ("authorization", PrivateTokenAuthorization.Write(token))));
        Assert.Equal(401, twice.Head.Status);
        Assert.Equal(200, (await Client.SendAsync(TestClient.Request(TestGateway.Service, "/", [1], token))).Head.Status);
    }

    [Fact]
    public async Task An_encapsulated_request_is_answered_once()
    {
        (byte[] request, ResponseOpener opener) = TestClient.Seal(await Client.KeyAsync(), TestClient.Request(TestGateway.OpenService, "/replayed"));
        using HttpResponseMessage first = await Client.PostAsync(request);
        using HttpResponseMessage second = await Client.PostAsync(request);

        BinaryResponse answer = await TestClient.OpenAsync(second, opener);
        Assert.Equal(400, answer.Head.Status);
        Assert.Contains("replayed", Encoding.UTF8.GetString(answer.Content.Span), StringComparison.Ordinal);
        Assert.Single(_gateway.OpenHost.Received, seen => seen.Path == "/replayed");
    }

    [Theory]
    [InlineData(-3600)]
    [InlineData(3600)]
    public async Task A_date_outside_the_window_gets_the_gateways_own(int seconds)
    {
        byte[] token = await TokenAsync();
        BinaryResponse answer = await Client.SendAsync(TestClient.Request(TestGateway.Service, "/", [1], token, DateTimeOffset.UtcNow.AddSeconds(seconds)));

        Assert.Equal(400, answer.Head.Status);
        Assert.Contains(ProblemMapping.Date, Encoding.UTF8.GetString(answer.Content.Span), StringComparison.Ordinal);
        Assert.True(answer.Head.Headers.TryGet("date", out string? date));
        Assert.Equal(200, (await Client.SendAsync(TestClient.Request(TestGateway.Service, "/", [1], token, DateTimeOffset.ParseExact(date, "r", CultureInfo.InvariantCulture)))).Head.Status);
    }

    [Fact]
    public async Task A_paid_request_without_a_date_is_refused()
    {
        var fields = new FieldSection().Add("authorization", PrivateTokenAuthorization.Write(await TokenAsync()));
        BinaryResponse answer = await Client.SendAsync(new(new RequestHead("POST", "https", TestGateway.Service, "/", fields), new byte[] { 1 }));

        Assert.Equal(400, answer.Head.Status);
        Assert.Contains(ProblemMapping.Date, Encoding.UTF8.GetString(answer.Content.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_open_service_takes_a_get_without_content_and_nothing_else()
    {
        _gateway.OpenHost.Workload = TestHost.EchoAsync;
        Assert.Equal(200, (await Client.SendAsync(TestClient.Request(TestGateway.OpenService, "/free"))).Head.Status);
        Assert.Equal(405, (await Client.SendAsync(TestClient.Request(TestGateway.OpenService, "/paid", [1]))).Head.Status);
        Assert.Equal(405, (await Client.SendAsync(TestClient.Request(TestGateway.OpenService, "/paid", [1], method: "GET"))).Head.Status);
        Assert.DoesNotContain(_gateway.OpenHost.Received, request => request.Path == "/paid");
    }

    [Fact]
    public async Task What_this_gateway_does_not_serve_is_refused_inside()
    {
        Assert.Equal(421, (await Client.SendAsync(TestClient.Request("elsewhere.example", "/"))).Head.Status);
        Assert.Equal(404, (await Client.SendAsync(TestClient.Request(TestGateway.Authority, "/"))).Head.Status);
        Assert.Equal(405, (await Client.SendAsync(TestClient.Request(TestGateway.Authority, "/.well-known/veil/view", [1]))).Head.Status);
        Assert.Equal(417, (await Client.SendAsync(TestClient.Request(TestGateway.OpenService, "/", fields: ("expect", "100-continue")))).Head.Status);
        Assert.Equal(400, (await Client.SendAsync(new(new RequestHead("GET", "http", TestGateway.OpenService, "/"), default))).Head.Status);
    }

    [Fact]
    public async Task A_host_that_breaks_off_gives_a_problem_and_no_content()
    {
        _gateway.OpenHost.Workload = async context =>
        {
            await context.Response.WriteAsync("half of the ans");
            await context.Response.Body.FlushAsync();
            context.Abort();
        };
        BinaryResponse answer = await Client.SendAsync(TestClient.Request(TestGateway.OpenService, "/"));

        Assert.Equal(502, answer.Head.Status);
        Assert.DoesNotContain("half", Encoding.UTF8.GetString(answer.Content.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_signed_view_holds_what_the_discovery_serves()
    {
        GatewayView view = await ViewAsync();

        Assert.Equal(TestGateway.Authority, view.Authority);
        Assert.Equal(await Client.Http.GetByteArrayAsync(Client.Resource, TestContext.Current.CancellationToken), view.Keys.ToArray());
        Assert.True(view.PreviousKeys.IsEmpty);
        Assert.InRange(DateTimeOffset.UtcNow, view.NotBefore, view.NotAfter - TimeSpan.FromHours(1));
        Assert.Equal(_gateway.Issuer.Directory, view.Issuer.ToArray());
        Assert.Equal([TestGateway.Service, TestGateway.OpenService], view.Services.Select(service => service.Authority));
        Assert.Equal(2, view.Services[0].Hosts.Count);
        Assert.All(view.Services[0].Hosts, host => Assert.True(HostClaims.TryParse(host.Span, out _, out _)));
    }

    [Fact]
    public async Task Requests_are_spread_over_all_hosts()
    {
        byte[] challenge = (await ChallengeAsync()).ToArray();
        KeyConfig key = await Client.KeyAsync();
        BinaryResponse[] answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Task.Run(() =>
            Client.SendAsync(TestClient.Request(TestGateway.Service, "/spread", [1], _gateway.Issuer.Draw(challenge)), key))));

        Assert.All(answers, answer => Assert.Equal(200, answer.Head.Status));
        Assert.All(_gateway.Hosts, host => Assert.Contains(host.Received, request => request.Path == "/spread"));
    }

    private async Task<byte[]> TokenAsync() => _gateway.Issuer.Draw((await ChallengeAsync()).Span);

    private async Task<ReadOnlyMemory<byte>> ChallengeAsync() => (await ViewAsync()).Challenge;

    private async Task<GatewayView> ViewAsync()
    {
        BinaryResponse answer = await Client.SendAsync(TestClient.Request(TestGateway.Authority, "/.well-known/veil/view"));
        Assert.Equal((int)HttpStatusCode.OK, answer.Head.Status);
        Assert.True(SignedView.TryOpen(answer.Content.Span, TestGateway.Authority, _gateway.Certificates.Roots, DateTimeOffset.UtcNow, out SignedView? signed, out SignedViewError error), error.ToString());
        Assert.True(GatewayView.TryParse(signed.Document, out GatewayView? view, out error), error.ToString());
        return view;
    }

    private static IEnumerable<FieldLine> Lines(FieldSection fields) => Enumerable.Range(0, fields.Count).Select(index => fields[index]);
}
