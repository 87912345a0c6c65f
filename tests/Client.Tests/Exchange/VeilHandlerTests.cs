using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Veil.Bhttp;
using Veil.ClientSdk;
using Veil.Ohttp;

namespace Veil.Client.Tests.Exchange;

/// <summary>What leaves, what comes back, and what is done about refusals; plain and chunked alike where the theory says so.</summary>
public static class VeilHandlerTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public static async Task A_request_goes_and_an_answer_comes_back(bool chunked)
    {
        await using FarSide far = await FarSide.StartAsync();
        far.OnService = async exchange =>
        {
            Assert.Equal("body", Encoding.UTF8.GetString(await exchange.ReadAllAsync()));
            await exchange.AnswerAsync(404, "none"u8.ToArray(), new FieldSection().Add("content-type", "text/x").Add("x-more", "1").Add("set-cookie", "a=b").Add("connection", "x"));
        };
        using HttpClient client = far.Client(chunked);

        using HttpResponseMessage answer = await client.PutAsync(FarSide.Url("/a/b?c=%20d"), new StringContent("body"), Stop);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("none", await answer.Content.ReadAsStringAsync(Stop));
        Assert.Equal("text/x", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("1", Assert.Single(answer.Headers.GetValues("x-more")));
        Assert.False(answer.Headers.Contains("set-cookie") || answer.Headers.Contains("connection"));
        RequestHead inner = Assert.Single(far.Inner);
        Assert.Equal(("PUT", "https", FarSide.Service, "/a/b?c=%20d"), (inner.Method, inner.Scheme, inner.Authority, inner.Path));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public static async Task Only_allowed_fields_are_said_inside_and_nothing_of_them_outside(bool chunked)
    {
        await using FarSide far = await FarSide.StartAsync();
        using HttpClient client = far.Client(chunked, tokens: true);
        using var request = new HttpRequestMessage(HttpMethod.Post, FarSide.Url("/v1/chat/completions"));
        foreach (string name in new[] { "Authorization", "Cookie", "User-Agent", "OpenAI-Organization", "X-Stainless-OS", "Accept-Language", "traceparent", "Referer", "X-Canary" })
        {
            request.Headers.TryAddWithoutValidation(name, "canary");
        }

        request.Headers.TryAddWithoutValidation("Accept", "text/event-stream");
        request.Content = new StringContent("""{"model":"m","user":"canary","messages":[]}""", Encoding.UTF8, "application/json");

        using HttpResponseMessage answer = await client.SendAsync(request, Stop);

        Assert.Equal("""{"model":"m","messages":[]}""", await answer.Content.ReadAsStringAsync(Stop));
        FieldSection inside = Assert.Single(far.Inner).Headers;
        string[] names = [.. Enumerable.Range(0, inside.Count).Select(index => inside[index].Name)];
        Assert.Equal(["accept", "authorization", "content-type", "date"], names.Order());
        Assert.True(inside.TryGet("authorization", out string? token) && token.StartsWith("PrivateToken ", StringComparison.Ordinal));
        foreach ((string line, _, Dictionary<string, string> fields, _, _) in far.Outer.Where(seen => seen.Line is "POST /gateway"))
        {
            Assert.DoesNotContain(fields.Values, value => value.Contains("canary", StringComparison.Ordinal));
            Assert.Empty(fields.Keys.Except(["ACCEPT", "CONTENT-TYPE", "CONTENT-LENGTH", "HOST", "INCREMENTAL"]));
        }
    }

    [Theory]
    [InlineData("/v1/chat/completions", "text/plain", """{"model":"m"}""")]
    [InlineData("/v1/chat/completions", null, """{"model":"m"}""")]
    [InlineData("/elsewhere", "text/plain", """{"model":"m","made_up":1}""")]
    [InlineData("/elsewhere", "application/octet-stream", """{"model":"m","made_up":1}""")]
    public static async Task Another_media_type_takes_no_field_past_the_filter(string path, string? mediaType, string expected)
    {
        await using FarSide far = await FarSide.StartAsync();
        using HttpClient client = far.Client(chunked: true);
        var body = new ByteArrayContent("""{"model":"m","user":"me","made_up":1}"""u8.ToArray());
        body.Headers.ContentType = mediaType is null ? null : new(mediaType);

        using HttpResponseMessage answer = await client.PostAsync(FarSide.Url(path), body, Stop);

        Assert.Equal(expected, await answer.Content.ReadAsStringAsync(Stop));
    }

    [Fact]
    public static async Task Two_requests_of_nearly_the_same_size_look_equally_long()
    {
        await using FarSide far = await FarSide.StartAsync();
        using HttpClient client = far.Client();

        await client.PostAsync(FarSide.Url(), new StringContent("a"), Stop);
        await client.PostAsync(FarSide.Url("/longer"), new StringContent(new string('b', 100)), Stop);

        Assert.Single(far.Outer.Where(seen => seen.Line is "POST /gateway").Select(seen => seen.Length).Skip(1).Distinct());
    }

    [Fact]
    public static async Task The_inner_date_is_near_and_not_exact()
    {
        await using FarSide far = await FarSide.StartAsync();
        using HttpClient client = far.Client();
        for (int i = 0; i < 12; i++)
        {
            await client.GetAsync(FarSide.Url(), Stop);
        }

        TimeSpan[] offsets = [.. far.Inner.Select(head => Date(head) - DateTimeOffset.UtcNow)];
        Assert.All(offsets, offset => Assert.InRange(offset, TimeSpan.FromSeconds(-120), TimeSpan.FromSeconds(12)));
        Assert.True(far.Inner.Select(Date).Distinct().Count() > 3);
    }

    [Fact]
    public static async Task An_answer_streams_piece_by_piece()
    {
        await using FarSide far = await FarSide.StartAsync();
        var received = new SemaphoreSlim(0);
        far.OnService = async exchange =>
        {
            await exchange.RespondAsync(200);
            for (byte piece = 0; piece < 10; piece++)
            {
                // The next piece leaves only after the client reported this one.
                await exchange.WriteAsync(new[] { piece });
                await received.WaitAsync(Stop);
            }

            await exchange.EndAsync(new FieldSection().Add("x-count", "10"));
        };
        using HttpClient client = far.Client(chunked: true);

        using HttpResponseMessage answer = await client.GetAsync(FarSide.Url(), HttpCompletionOption.ResponseHeadersRead, Stop);
        using Stream content = await answer.Content.ReadAsStreamAsync(Stop);
        var buffer = new byte[100];
        for (byte piece = 0; piece < 10; piece++)
        {
            Assert.Equal(1, await content.ReadAsync(buffer, Stop));
            Assert.Equal(piece, buffer[0]);
            received.Release();
        }

        Assert.Equal(0, await content.ReadAsync(buffer, Stop));
        Assert.Equal("10", Assert.Single(answer.TrailingHeaders.GetValues("x-count")));
    }

    [Fact]
    public static async Task A_request_streams_piece_by_piece()
    {
        await using FarSide far = await FarSide.StartAsync();
        var reported = new SemaphoreSlim(0);
        far.OnService = async exchange =>
        {
            int pieces = 0;
            while (await exchange.ReadAsync() is { IsEmpty: false } piece)
            {
                Assert.Equal(pieces++, Assert.Single(piece.ToArray()));
                reported.Release();
            }

            await exchange.AnswerAsync(200, Encoding.ASCII.GetBytes($"{pieces}"));
        };
        using HttpClient client = far.Client(chunked: true);

        using HttpResponseMessage answer = await client.PostAsync(FarSide.Url(), new PacedContent(reported, 10), Stop);

        Assert.Equal("10", await answer.Content.ReadAsStringAsync(Stop));
    }

    [Fact]
    public static async Task Ten_megabytes_go_up_and_come_down_unchanged()
    {
        await using FarSide far = await FarSide.StartAsync();
        far.OnService = async exchange =>
        {
            await exchange.RespondAsync(200);
            while (await exchange.ReadAsync() is { IsEmpty: false } piece)
            {
                await exchange.WriteAsync(piece);
            }

            await exchange.EndAsync();
        };
        using HttpClient client = far.Client(chunked: true);
        var body = new byte[10 << 20];
        new Random(1).NextBytes(body);

        using HttpResponseMessage answer = await client.PostAsync(FarSide.Url(), new ByteArrayContent(body), Stop);

        Assert.Equal(body, await answer.Content.ReadAsByteArrayAsync(Stop));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public static async Task An_answer_that_is_cut_short_is_an_error_and_never_a_clean_end(bool connectionBreaks)
    {
        await using FarSide far = await FarSide.StartAsync();
        HttpContext? outer = null;
        far.OnRelay = context =>
        {
            outer = context;
            return Task.FromResult(false);
        };
        var begun = new SemaphoreSlim(0);
        far.OnService = async exchange =>
        {
            await exchange.RespondAsync(200);
            await exchange.WriteAsync("all that comes"u8.ToArray());
            if (connectionBreaks)
            {
                await begun.WaitAsync(Stop);
                outer!.Abort();
            }
        };
        using HttpClient client = far.Client(chunked: true);
        using HttpResponseMessage answer = await client.GetAsync(FarSide.Url(), HttpCompletionOption.ResponseHeadersRead, Stop);
        using Stream content = await answer.Content.ReadAsStreamAsync(Stop);
        var buffer = new byte[100];
        begun.Release();

        async Task ReadToEnd()
        {
            while (await content.ReadAsync(buffer, Stop) > 0)
            {
            }
        }

        await Assert.ThrowsAnyAsync<IOException>(ReadToEnd);
        await Assert.ThrowsAnyAsync<IOException>(ReadToEnd);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public static async Task A_date_problem_is_corrected_once_with_a_fresh_context_and_a_fresh_token(bool chunked)
    {
        await using FarSide far = await FarSide.StartAsync();
        DateTimeOffset gatewaysTime = DateTimeOffset.UtcNow.AddHours(3);
        far.OnService = async exchange =>
        {
            bool near = (Date(exchange.Head) - gatewaysTime).Duration() < TimeSpan.FromMinutes(2);
            await exchange.AnswerAsync(near ? 200 : 400, near ? "good"u8.ToArray() : DateProblem, DateProblemFields(gatewaysTime));
        };
        using HttpClient client = far.Client(chunked, tokens: true);

        using HttpResponseMessage answer = await client.PostAsync(FarSide.Url(), new StringContent("body"), Stop);

        Assert.Equal("good", await answer.Content.ReadAsStringAsync(Stop));
        Assert.Equal(2, far.Inner.Select(Token).Distinct().Count());
    }

    [Fact]
    public static async Task A_date_problem_that_stays_is_an_error_that_says_so()
    {
        await using FarSide far = await FarSide.StartAsync();
        far.OnService = exchange => exchange.AnswerAsync(400, DateProblem, DateProblemFields(DateTimeOffset.UtcNow));
        using HttpClient client = far.Client();

        VeilException failure = await Assert.ThrowsAsync<VeilException>(() => client.GetAsync(FarSide.Url(), Stop));

        Assert.Equal(VeilFailure.ClockRefused, failure.Failure);
        Assert.Equal(2, far.Inner.Count);
    }

    [Fact]
    public static async Task Another_problem_of_the_service_reaches_the_caller()
    {
        await using FarSide far = await FarSide.StartAsync();
        far.OnService = exchange => exchange.AnswerAsync(400, """{"type":"about:blank"}"""u8.ToArray(), new FieldSection().Add("content-type", "application/problem+json"));
        using HttpClient client = far.Client(chunked: true);

        using HttpResponseMessage answer = await client.GetAsync(FarSide.Url(), Stop);

        Assert.Equal("""{"type":"about:blank"}""", await answer.Content.ReadAsStringAsync(Stop));
        Assert.Single(far.Inner);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public static async Task A_long_problem_of_the_service_reaches_the_caller_whole(bool chunked)
    {
        await using FarSide far = await FarSide.StartAsync();
        byte[] problem = Encoding.UTF8.GetBytes($$"""{"type":"about:blank","detail":"{{new string('x', 100_000)}}"}""");
        far.OnService = exchange => exchange.AnswerAsync(400, problem, new FieldSection().Add("content-type", "application/problem+json; charset=utf-8"));
        using HttpClient client = far.Client(chunked);

        using HttpResponseMessage answer = await client.GetAsync(FarSide.Url(), Stop);

        Assert.Equal("application/problem+json; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal(problem, await answer.Content.ReadAsByteArrayAsync(Stop));
    }

    [Fact]
    public static async Task A_problem_that_is_cut_short_is_an_error()
    {
        await using FarSide far = await FarSide.StartAsync();
        far.OnService = exchange => exchange.RespondAsync(400, new FieldSection().Add("content-type", "application/problem+json"));
        using HttpClient client = far.Client(chunked: true);

        Assert.Equal(VeilFailure.BadAnswer, await Refusal(client.GetAsync(FarSide.Url(), HttpCompletionOption.ResponseHeadersRead, Stop)));
    }

    [Fact]
    public static async Task A_streamed_answer_has_no_limit()
    {
        await using FarSide far = await FarSide.StartAsync();
        far.OnService = async exchange =>
        {
            // A content chunk of 5 GiB begins.
            await exchange.RespondAsync(200);
            await ((ChunkedInnerExchange)exchange).WriteRawAsync(Convert.FromHexString("C000000140000000AA"));
        };
        using HttpClient client = far.Client(chunked: true);

        using HttpResponseMessage answer = await client.GetAsync(FarSide.Url(), HttpCompletionOption.ResponseHeadersRead, Stop);
        using Stream content = await answer.Content.ReadAsStreamAsync(Stop);

        Assert.Equal(0xAA, content.ReadByte());
    }

    [Fact]
    public static async Task After_a_rotation_the_keys_are_looked_up_again_and_the_request_goes()
    {
        await using FarSide far = await FarSide.StartAsync();
        using HttpClient client = far.Client();
        await client.GetAsync(FarSide.Url(), Stop);

        far.UseKey(2);
        using HttpResponseMessage answer = await client.PostAsync(FarSide.Url(), new StringContent("again"), Stop);

        Assert.Equal("again", await answer.Content.ReadAsStringAsync(Stop));
    }

    [Fact]
    public static async Task Forged_key_problems_cost_one_look_and_no_second_sending()
    {
        await using FarSide far = await FarSide.StartAsync();
        using HttpClient client = far.Client();
        await client.GetAsync(FarSide.Url(), Stop);
        int posts = 0;
        far.OnRelay = async context =>
        {
            if (context.Request.ContentLength < 2000 && posts++ is not 1)
            {
                context.Response.StatusCode = 400;
                context.Response.ContentType = "application/problem+json";
                await context.Response.WriteAsync("""{"type":"https://iana.org/assignments/http-problem-types#ohttp-key"}""", Stop);
                return true;
            }

            return false;
        };

        // The first is refused, the look at the view passes, and the keys have not changed; the second is refused without another look.
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(VeilFailure.KeyRejected, (await Assert.ThrowsAsync<VeilException>(() => client.GetAsync(FarSide.Url(), Stop))).Failure);
        }

        Assert.Equal(2, far.ViewsServed);
        Assert.Single(far.Inner);
    }

    [Theory]
    [InlineData(429, VeilFailure.Busy, Hop.Relay)]
    [InlineData(503, VeilFailure.Busy, Hop.Relay)]
    [InlineData(502, VeilFailure.Unreachable, Hop.Gateway)]
    [InlineData(500, VeilFailure.UnexpectedAnswer, Hop.Relay)]
    [InlineData(302, VeilFailure.UnexpectedAnswer, Hop.Relay)]
    [InlineData(200, VeilFailure.UnexpectedAnswer, Hop.Relay)]
    public static async Task What_stands_outside_the_encryption_is_never_an_answer(int status, VeilFailure expected, Hop hop)
    {
        await using FarSide far = await FarSide.StartAsync();
        using HttpClient client = far.Client(chunked: true);
        await client.GetAsync(FarSide.Url(), Stop);
        far.OnRelay = async context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = "text/plain";
            context.Response.Headers.Location = "https://elsewhere.example/";
            await context.Response.WriteAsync("trust me", Stop);
            return true;
        };

        VeilException failure = await Assert.ThrowsAsync<VeilException>(() => client.GetAsync(FarSide.Url(), Stop));

        Assert.Equal((expected, hop), (failure.Failure, failure.Hop));
        Assert.DoesNotContain("trust me", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(OhttpMediaType.Response)]
    [InlineData(OhttpMediaType.ChunkedResponse)]
    public static async Task An_answer_that_does_not_open_is_an_error(string mediaType)
    {
        await using FarSide far = await FarSide.StartAsync();
        using HttpClient client = far.Client(chunked: mediaType is OhttpMediaType.ChunkedResponse);
        await client.GetAsync(FarSide.Url(), Stop);
        far.OnRelay = async context =>
        {
            context.Response.ContentType = mediaType;
            await context.Response.Body.WriteAsync(new byte[500], Stop);
            return true;
        };

        Assert.Equal(VeilFailure.BadAnswer, (await Assert.ThrowsAsync<VeilException>(() => client.GetAsync(FarSide.Url(), Stop))).Failure);
    }

    [Fact]
    public static async Task A_plain_answer_above_the_limit_is_refused()
    {
        await using FarSide far = await FarSide.StartAsync();
        VeilOptions given = far.Options();
        using var client = new HttpClient(new VeilHandler(new VeilOptions
        {
            Relay = given.Relay, Authority = given.Authority, TrustedRootsFile = given.TrustedRootsFile, WithoutLog = true, Chunked = false, MaxPlainAnswer = 64 << 10,
        }));
        far.OnService = exchange => exchange.AnswerAsync(200, new byte[70_000]);

        Assert.Equal(VeilFailure.AnswerTooLarge, (await Assert.ThrowsAsync<VeilException>(() => client.GetAsync(FarSide.Url(), Stop))).Failure);
    }

    [Fact]
    public static async Task What_cannot_be_sent_privately_is_refused_before_it_leaves()
    {
        await using FarSide far = await FarSide.StartAsync();
        using HttpClient client = far.Client(tokens: true);

        VeilFailure[] failures =
        [
            await Refusal(client.GetAsync(new Uri("http://chat.example/"), Stop)),
            await Refusal(client.GetAsync(new Uri("https://me:secret@chat.example/"), Stop)),
            await Refusal(client.SendAsync(new HttpRequestMessage(HttpMethod.Trace, FarSide.Url()), Stop)),
            await Refusal(client.PostAsync(FarSide.Url(), new ByteArrayContent(new byte[(1 << 20) + 1]), Stop)),
            await Refusal(client.PostAsync(FarSide.Url("/v1/chat/completions"), new StringContent("user=me", Encoding.UTF8, "application/json"), Stop)),
            await Refusal(client.PostAsync(FarSide.Url("/v1/chat/completions"), new StringContent("user=me", Encoding.UTF8, "text/plain"), Stop)),
        ];

        Assert.Equal([.. Enumerable.Repeat(VeilFailure.RequestRefused, 4), .. Enumerable.Repeat(VeilFailure.BodyNotUnderstood, 2)], failures);
        Assert.Empty(far.Inner);
        Assert.Equal(0, far.Issued);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static byte[] DateProblem => """{"type":"https://iana.org/assignments/http-problem-types#date"}"""u8.ToArray();

    private static FieldSection DateProblemFields(DateTimeOffset now) =>
        new FieldSection().Add("content-type", "application/problem+json").Add("date", now.ToString("R", CultureInfo.InvariantCulture));

    private static async Task<VeilFailure> Refusal(Task request) => (await Assert.ThrowsAsync<VeilException>(() => request)).Failure;

    private static DateTimeOffset Date(RequestHead head) =>
        head.Headers.TryGet("date", out string? date) ? DateTimeOffset.ParseExact(date, "R", CultureInfo.InvariantCulture) : default;

    private static string Token(RequestHead head) => head.Headers.TryGet("authorization", out string? token) ? token : "";
}
