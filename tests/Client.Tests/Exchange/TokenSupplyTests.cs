using Microsoft.AspNetCore.Http;
using Veil.Bhttp;
using Veil.ClientSdk;
using Veil.PrivacyPass;

namespace Veil.Client.Tests.Exchange;

public static class TokenSupplyTests
{
    [Fact]
    public static async Task Each_request_carries_a_token_of_its_own_that_verifies()
    {
        await using FarSide far = await FarSide.StartAsync();
        using HttpClient client = far.Client(chunked: true, tokens: true);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => client.GetAsync(FarSide.Url(), Stop)));

        Token[] tokens = [.. far.Inner.Select(Read)];
        Assert.Equal(8, tokens.DistinctBy(token => Convert.ToHexString(token.Encoded)).Count());
        Assert.All(tokens, token => Assert.True(far.IssuerKey.Verify(token)));
        Assert.All(tokens, token => Assert.Equal(far.Challenge.Digest.ToArray(), token.ChallengeDigest.ToArray()));
    }

    [Fact]
    public static async Task Tokens_are_drawn_over_one_connection_before_they_are_needed()
    {
        await using FarSide far = await FarSide.StartAsync();
        using var handler = new VeilHandler(far.Options(tokens: true));

        Assert.Equal(3, await handler.Tokens!.FillAsync(Stop));
        Assert.Equal(0, await handler.Tokens.FillAsync(Stop));

        Assert.Equal(3, await handler.Tokens.CountAsync(Stop));
        Assert.Equal(3, far.Issued);
        Assert.Equal("HTTP/2", Assert.Single(far.Outer, seen => seen.Line is "POST /token-request").Protocol);
    }

    [Fact]
    public static async Task A_view_that_lists_none_of_the_wallets_kinds_costs_no_token()
    {
        await using FarSide far = await FarSide.StartAsync();
        using var before = new VeilHandler(far.Options(tokens: true));
        await before.Tokens!.FillAsync(Stop);

        far.ChangeView = view => view with { Challenge = default };
        using var meanwhile = new VeilHandler(far.Options(tokens: true));
        await Assert.ThrowsAsync<VeilException>(() => meanwhile.Tokens!.FillAsync(Stop));

        far.ChangeView = view => view;
        using var after = new VeilHandler(far.Options(tokens: true));
        Assert.Equal(3, await after.Tokens!.CountAsync(Stop));
    }

    /// <summary>I3: what is drawn, and when, never follows from an answer.</summary>
    [Fact]
    public static async Task I3_a_challenge_in_an_answer_draws_nothing_and_the_answer_reaches_the_caller()
    {
        await using FarSide far = await FarSide.StartAsync();
        TokenChallenge marked = TokenChallenge.Create(2, new Uri(far.Origin).Authority, new byte[32], FarSide.Authority);
        far.OnService = exchange => exchange.AnswerAsync(
            401, "no"u8.ToArray(), new FieldSection().Add("www-authenticate", PrivateTokenChallenge.Write(marked)));
        using HttpClient client = far.Client(tokens: true);
        using HttpResponseMessage first = await client.GetAsync(FarSide.Url(), Stop);
        int drawn = far.Issued;

        using HttpResponseMessage second = await client.GetAsync(FarSide.Url(), Stop);

        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, second.StatusCode);
        Assert.Equal(drawn, far.Issued);
    }

    [Theory]
    [InlineData(401, VeilFailure.AccountRefused)]
    [InlineData(403, VeilFailure.AccountRefused)]
    [InlineData(429, VeilFailure.QuotaExhausted)]
    [InlineData(400, VeilFailure.BadIssuance)]
    [InlineData(413, VeilFailure.BadIssuance)]
    [InlineData(415, VeilFailure.BadIssuance)]
    [InlineData(422, VeilFailure.BadIssuance)]
    [InlineData(503, VeilFailure.Busy)]
    [InlineData(500, VeilFailure.UnexpectedAnswer)]
    public static async Task A_refusing_issuer_is_named_with_its_reason(int status, VeilFailure expected)
    {
        await using FarSide far = await FarSide.StartAsync();
        far.OnIssuer = context =>
        {
            context.Response.StatusCode = status;
            return Task.FromResult(true);
        };
        using HttpClient client = far.Client(tokens: true);

        VeilException failure = await Assert.ThrowsAsync<VeilException>(() => client.GetAsync(FarSide.Url(), Stop));

        Assert.Equal((expected, Hop.Issuer), (failure.Failure, failure.Hop));
        Assert.Empty(far.Inner);
    }

    [Fact]
    public static async Task An_issuer_that_gives_no_token_in_time_is_named()
    {
        await using FarSide far = await FarSide.StartAsync();
        far.OnIssuer = async context =>
        {
            await Task.WhenAny(Task.Delay(Timeout.Infinite, context.RequestAborted));
            return true;
        };
        using var client = new HttpClient(new VeilHandler(far.Options(tokens: true, documentSeconds: 1)));

        VeilException failure = await Assert.ThrowsAsync<VeilException>(() => client.GetAsync(FarSide.Url(), Stop));

        Assert.Equal((VeilFailure.Unreachable, Hop.Issuer), (failure.Failure, failure.Hop));
    }

    /// <summary>I3: a gateway or relay that refuses must not bring about a draw that it could tie to the request.</summary>
    [Theory]
    [InlineData(false, VeilFailure.ClockRefused)]
    [InlineData(true, VeilFailure.KeyRejected)]
    public static async Task I3_a_second_sending_draws_nothing(bool keyProblem, VeilFailure expected)
    {
        await using FarSide far = await FarSide.StartAsync();
        using var handler = new VeilHandler(far.Options(tokens: true, tokenTarget: 1));
        using var client = new HttpClient(handler);
        await handler.GetViewAsync(Stop);
        if (keyProblem)
        {
            far.UseKey(2);
        }
        else
        {
            far.OnService = exchange => exchange.AnswerAsync(
                400,
                """{"type":"https://iana.org/assignments/http-problem-types#date"}"""u8.ToArray(),
                new FieldSection().Add("content-type", "application/problem+json").Add("date", DateTimeOffset.UtcNow.ToString("R")));
        }

        VeilException failure = await Assert.ThrowsAsync<VeilException>(() => client.GetAsync(FarSide.Url(), Stop));

        Assert.Equal(expected, failure.Failure);
        Assert.Equal(1, far.Issued);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(1)]
    [InlineData(5)]
    public static async Task Tokens_that_do_not_verify_are_not_kept(int type)
    {
        Require(type);
        await using FarSide far = await FarSide.StartAsync();
        UseType(far, type);
        far.OnIssuer = async context =>
        {
            // As long as the right answer, and with the right frame: three tokens of another key.
            using TokenIssuerKey other = FarSide.NewIssuerKey((ushort)type);
            Assert.True(PendingBatch.TryCreate(other.PublicKey, far.Challenge, 3, out PendingBatch? pending, out _));
            using (pending)
            {
                context.Response.ContentType = pending.ResponseMediaType;
                await context.Response.Body.WriteAsync(Answer(other, pending), Stop);
            }

            return true;
        };
        using var handler = new VeilHandler(far.Options(tokens: true));

        VeilException failure = await Assert.ThrowsAsync<VeilException>(() => handler.Tokens!.FillAsync(Stop));

        Assert.Equal(VeilFailure.BadIssuance, failure.Failure);
        Assert.Equal(0, await handler.Tokens!.CountAsync(Stop));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(1)]
    public static async Task What_is_left_of_a_quota_is_drawn_and_its_end_is_named(int type)
    {
        Require(type);
        await using FarSide far = await FarSide.StartAsync();
        UseType(far, type);
        far.Quota = 2;
        using var handler = new VeilHandler(far.Options(tokens: true));

        Assert.Equal(2, await handler.Tokens!.FillAsync(Stop));
        Assert.Equal(2, await handler.Tokens.CountAsync(Stop));
        Assert.Equal(VeilFailure.QuotaExhausted, (await Assert.ThrowsAsync<VeilException>(() => handler.Tokens.FillAsync(Stop))).Failure);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(1)]
    [InlineData(5)]
    public static async Task Tokens_of_every_type_are_drawn_in_batches_of_the_bounded_size_and_spent(int type)
    {
        Require(type);
        await using FarSide far = await FarSide.StartAsync();
        UseType(far, type);
        using var handler = new VeilHandler(far.Options(tokens: true, tokenTarget: 7, tokenBatch: 3));
        using var client = new HttpClient(handler, disposeHandler: false);

        Assert.Equal(7, await handler.Tokens!.FillAsync(Stop));
        Assert.Equal([new TokenStock(type, far.IssuerKey.Type.Name, 7, IsDrawn: true)], await handler.Tokens.ListAsync(Stop));
        for (int i = 0; i < 7; i++)
        {
            await client.GetAsync(FarSide.Url(), Stop);
        }

        Assert.Equal(3, far.Outer.Count(seen => seen.Line is "POST /token-request"));
        Assert.All(far.Outer.Where(seen => seen.Line is "POST /token-request"), seen => Assert.Equal(type is 2 ? PrivacyPassMediaTypes.GenericBatchRequest : PrivacyPassMediaTypes.AmortizedBatchRequest, seen.Fields["CONTENT-TYPE"]));
        Token[] tokens = [.. far.Inner.Select(Read)];
        Assert.Equal(7, tokens.DistinctBy(token => Convert.ToHexString(token.Nonce)).Count());
        Assert.All(tokens, token => Assert.True(far.IssuerKeys[0].Key.Verify(token)));
        Assert.All(tokens, token => Assert.Equal(far.ChallengeOf((ushort)type).Digest.ToArray(), token.ChallengeDigest.ToArray()));
    }

    /// <summary>The view was made before the change, and still everything of the new type follows from it.</summary>
    [Theory]
    [InlineData(2, 1)]
    [InlineData(1, 5)]
    [InlineData(5, 2)]
    public static async Task A_change_of_type_that_was_announced_needs_no_new_view(int before, int after)
    {
        Require(before);
        Require(after);
        await using FarSide far = await FarSide.StartAsync();
        var clock = new SettableClock();
        far.IssuerKeys =
        [
            (FarSide.NewIssuerKey((ushort)after), DateTimeOffset.UtcNow.AddMinutes(10)),
            (FarSide.NewIssuerKey((ushort)before), DateTimeOffset.UtcNow.AddMinutes(-10)),
        ];
        using var handler = new VeilHandler(far.Options(tokens: true), clock);
        using var client = new HttpClient(handler, disposeHandler: false);
        Assert.Equal(3, await handler.Tokens!.FillAsync(Stop));
        await client.GetAsync(FarSide.Url(), Stop);

        clock.Ahead = TimeSpan.FromMinutes(11);
        Assert.Equal(1, await handler.Tokens.FillAsync(Stop));

        Assert.Equal([(after, 1, true), (before, 2, false)], (await handler.Tokens.ListAsync(Stop)).Select(stock => (stock.Type, stock.Count, stock.IsDrawn)));
        for (int i = 0; i < 3; i++)
        {
            await client.GetAsync(FarSide.Url(), Stop);
        }

        // What retires first is spent first.
        Assert.Equal([before, before, before, after], far.Inner.Select(head => (int)Read(head).Type.Id));
        Assert.Equal(1, far.ViewsServed);
    }

    [Theory]
    [InlineData(5, 10)]
    [InlineData(-5, -10)]
    public static async Task A_challenge_of_the_type_before_or_after_is_taken_within_the_clocks_tolerance_alone(int start, int farStart)
    {
        foreach ((int minutes, bool taken) in new[] { (start * 4 / 5, true), (farStart, false) })
        {
            await using FarSide far = await FarSide.StartAsync();
            far.IssuerKeys = [(FarSide.NewIssuerKey(1), DateTimeOffset.UtcNow.AddMinutes(minutes)), .. far.IssuerKeys];
            far.ChangeView = view => view with { Challenge = far.ChallengeOf(minutes > 0 ? (ushort)1 : (ushort)2).Encoded.ToArray() };
            using var handler = new VeilHandler(far.Options(tokens: true));

            Exception? failure = await Record.ExceptionAsync(() => handler.GetViewAsync(Stop));

            Assert.Equal(taken ? null : VeilFailure.BadChallenge, ((VeilException?)failure)?.Failure);
        }
    }

    [Fact]
    public static async Task The_account_goes_to_the_issuer_and_nowhere_else()
    {
        await using FarSide far = await FarSide.StartAsync();
        using HttpClient client = far.Client(tokens: true);

        await client.GetAsync(FarSide.Url(), Stop);

        Assert.All(far.Outer, seen => Assert.Equal(seen.Line is "POST /token-request", seen.Fields.ContainsKey("AUTHORIZATION")));
        Assert.DoesNotContain(far.Inner, head => head.Headers.TryGet("authorization", out string? value) && value.Contains("account", StringComparison.Ordinal));
    }

    [Fact]
    public static async Task An_empty_wallet_that_may_not_be_filled_is_an_error_that_says_what_to_do()
    {
        await using FarSide far = await FarSide.StartAsync();
        VeilOptions given = far.Options();
        using var client = new HttpClient(new VeilHandler(new VeilOptions
        {
            Relay = given.Relay, Authority = given.Authority, TrustedRootsFile = given.TrustedRootsFile, WithoutLog = true, WalletFile = far.File("empty"),
        }));

        VeilException failure = await Assert.ThrowsAsync<VeilException>(() => client.GetAsync(FarSide.Url(), Stop));

        Assert.Equal(VeilFailure.NoToken, failure.Failure);
        Assert.Contains("veil tokens fill", failure.Message, StringComparison.Ordinal);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static void Require(int type) => Assert.SkipUnless(TokenType.Find((ushort)type) is not null, $"Type {type}: {TokenType.FindKnown((ushort)type)!.Missing}");

    private static void UseType(FarSide far, int type)
    {
        if (type is not 2)
        {
            far.IssuerKeys = [(FarSide.NewIssuerKey((ushort)type), null)];
        }
    }

    /// <summary>An issuer's answer to a batch, made with a key of its own.</summary>
    private static byte[] Answer(TokenIssuerKey key, PendingBatch pending)
    {
        if (key.Type.IsAmortizable)
        {
            Assert.True(AmortizedBatchRequest.TryParse(pending.Request, 100, out AmortizedBatchRequest? batch, out _));
            Assert.True(key.TryIssue(batch, out byte[]? answer, out _));
            return answer;
        }

        Assert.True(GenericBatchRequest.TryParse(pending.Request, 100, out GenericBatchRequest? requests, out _));
        return GenericBatchResponse.Write(requests, [.. requests.TokenRequests.Select(request => key.TryIssue(request.Span, out byte[]? response, out _) ? response : null)]);
    }

    private sealed class SettableClock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
    }

    private static Token Read(RequestHead head)
    {
        Assert.True(head.Headers.TryGet("authorization", out string? field));
        Assert.True(PrivateTokenAuthorization.TryParse(field, out Token? token, out PrivacyPassError error), error.ToString());
        return token;
    }
}
