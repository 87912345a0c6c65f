using System.Net;
using Veil.Attestation;
using Veil.Bhttp;
using Veil.ClientSdk;
using Veil.PrivacyPass;

namespace Veil.Client.Tests.Exchange;

/// <summary>A request pays for the work that it wants: the tokens of one unit, or of several.</summary>
public static class UnitsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public static async Task A_request_carries_the_tokens_that_the_view_asks_for(bool chunked)
    {
        await using FarSide far = await FarSide.StartAsync();
        far.Price = far.Price with { Tokens = 3, MaxTokens = 3 };
        using HttpClient client = far.Client(chunked, tokens: true);

        using HttpResponseMessage answer = await client.GetAsync(FarSide.Url(), Stop);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Token[] tokens = Tokens(Assert.Single(far.Inner));
        Assert.Equal(3, tokens.DistinctBy(token => Convert.ToHexString(token.Nonce)).Count());
        Assert.All(tokens, token => Assert.True(far.IssuerKey.Verify(token)));
    }

    [Fact]
    public static async Task An_open_service_costs_nothing()
    {
        await using FarSide far = await FarSide.StartAsync();
        far.Price = far.Price with { Tokens = 0, MaxTokens = 0 };
        using HttpClient client = far.Client(tokens: true);

        await client.GetAsync(FarSide.Url(), Stop);

        Assert.Empty(Tokens(Assert.Single(far.Inner)));
        Assert.Equal(0, far.Issued);
    }

    [Theory]
    [InlineData(1000, 1, 2)]
    [InlineData(1001, 1, 4)]
    [InlineData(1000, 4, 8)]
    [InlineData(3500, 2, 8)]
    public static async Task Content_of_known_length_is_paid_for_by_itself(int length, int asked, int tokens)
    {
        await using FarSide far = await FarSide.StartAsync();
        far.Price = new ServicePrice(2, 8, 1000, 1000, TimeSpan.FromMinutes(1));
        using var client = new HttpClient(new VeilHandler(far.Options(tokens: true, tokenTarget: 20)));
        using var request = new HttpRequestMessage(HttpMethod.Post, FarSide.Url()) { Content = new ByteArrayContent(new byte[length]) };
        request.Options.Set(VeilRequestOptions.Units, asked);

        using HttpResponseMessage answer = await client.SendAsync(request, Stop);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(tokens, Tokens(Assert.Single(far.Inner)).Length);
    }

    [Theory]
    [InlineData(4001, 1)]
    [InlineData(10, 8)]
    [InlineData(10, 3)]
    [InlineData(10, 0)]
    [InlineData(10, -1)]
    [InlineData(10, int.MaxValue)]
    public static async Task What_the_service_does_not_take_is_refused_before_a_token_is_lost(int length, int asked)
    {
        await using FarSide far = await FarSide.StartAsync();
        far.Price = new ServicePrice(1, 4, 1000, 1000, TimeSpan.FromMinutes(1));
        using var handler = new VeilHandler(far.Options(tokens: true));
        using var client = new HttpClient(handler);
        await handler.Tokens!.FillAsync(Stop);
        using var request = new HttpRequestMessage(HttpMethod.Post, FarSide.Url()) { Content = new ByteArrayContent(new byte[length]) };
        request.Options.Set(VeilRequestOptions.Units, asked);

        VeilException failure = await Assert.ThrowsAsync<VeilException>(() => client.SendAsync(request, Stop));

        Assert.Equal((VeilFailure.RequestRefused, Hop.Client), (failure.Failure, failure.Hop));
        Assert.Empty(far.Inner);
        Assert.Equal(3, await handler.Tokens.CountAsync(Stop));
    }

    [Fact]
    public static async Task A_wallet_that_holds_too_few_is_filled_to_what_the_request_needs()
    {
        await using FarSide far = await FarSide.StartAsync();
        far.Price = far.Price with { Tokens = 5, MaxTokens = 10 };
        using var handler = new VeilHandler(far.Options(tokens: true, tokenTarget: 3));
        using var client = new HttpClient(handler);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => client.GetAsync(FarSide.Url(), Stop)));

        Assert.All(far.Inner, head => Assert.Equal(5, Tokens(head).Length));
        Assert.Equal(20, far.Inner.SelectMany(Tokens).DistinctBy(token => Convert.ToHexString(token.Nonce)).Count());
    }

    [Fact]
    public static async Task Requests_of_several_tokens_fill_a_size_class_too()
    {
        await using FarSide far = await FarSide.StartAsync();
        far.Price = far.Price with { Tokens = 2, MaxTokens = 8 };
        using var client = new HttpClient(new VeilHandler(far.Options(tokens: true, tokenTarget: 20)));
        foreach (int length in new[] { 10, 30 })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, FarSide.Url()) { Content = new ByteArrayContent(new byte[length]) };
            request.Options.Set(VeilRequestOptions.Units, 4);
            using HttpResponseMessage answer = await client.SendAsync(request, Stop);
        }

        long[] lengths = [.. far.Outer.Where(seen => seen.Line is "POST /gateway").Select(seen => seen.Length).TakeLast(2)];
        Assert.Equal(lengths[0], lengths[1]);
    }

    private static Token[] Tokens(RequestHead head)
    {
        var tokens = new List<Token>();
        foreach (FieldLine line in head.Headers)
        {
            if (line.Name is "authorization")
            {
                Assert.True(PrivateTokenAuthorization.TryParse(line.Value, out Token? token, out PrivacyPassError error), error.ToString());
                tokens.Add(token);
            }
        }

        return [.. tokens];
    }
}
