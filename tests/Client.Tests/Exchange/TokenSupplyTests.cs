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
        Assert.All(far.Outer.Where(seen => seen.Line is "POST /token-request"), seen => Assert.Equal("HTTP/2", seen.Protocol));
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

    [Fact]
    public static async Task A_token_that_does_not_verify_is_not_kept()
    {
        await using FarSide far = await FarSide.StartAsync();
        far.OnIssuer = async context =>
        {
            context.Response.ContentType = PrivacyPassMediaTypes.TokenResponse;
            await context.Response.Body.WriteAsync(new byte[256], Stop);
            return true;
        };
        using var handler = new VeilHandler(far.Options(tokens: true));

        VeilException failure = await Assert.ThrowsAsync<VeilException>(() => handler.Tokens!.FillAsync(Stop));

        Assert.Equal(VeilFailure.BadIssuance, failure.Failure);
        Assert.Equal(0, await handler.Tokens!.CountAsync(Stop));
    }

    [Fact]
    public static async Task What_was_drawn_before_the_quota_ended_is_kept()
    {
        await using FarSide far = await FarSide.StartAsync();
        int asked = 0;
        far.OnIssuer = context =>
        {
            bool refused = Interlocked.Increment(ref asked) > 2;
            context.Response.StatusCode = refused ? StatusCodes.Status429TooManyRequests : 200;
            return Task.FromResult(refused);
        };
        using var handler = new VeilHandler(far.Options(tokens: true));

        Assert.Equal(2, await handler.Tokens!.FillAsync(Stop));
        Assert.Equal(2, await handler.Tokens.CountAsync(Stop));
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
            Relay = given.Relay, Authority = given.Authority, TrustedRootsFile = given.TrustedRootsFile, WalletFile = far.File("empty"),
        }));

        VeilException failure = await Assert.ThrowsAsync<VeilException>(() => client.GetAsync(FarSide.Url(), Stop));

        Assert.Equal(VeilFailure.NoToken, failure.Failure);
        Assert.Contains("veil tokens fill", failure.Message, StringComparison.Ordinal);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static Token Read(RequestHead head)
    {
        Assert.True(head.Headers.TryGet("authorization", out string? field));
        Assert.True(PrivateTokenAuthorization.TryParse(field, out Token? token, out PrivacyPassError error), error.ToString());
        return token;
    }
}
