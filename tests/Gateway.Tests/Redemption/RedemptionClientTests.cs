using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Veil.Gateway.Redemption;
using Veil.PrivacyPass;

namespace Veil.Gateway.Tests.Redemption;

public static class RedemptionClientTests
{
    [Theory]
    [InlineData("accepted", RedemptionVerdict.Accepted)]
    [InlineData("spent", RedemptionVerdict.Spent)]
    [InlineData("invalid", RedemptionVerdict.Invalid)]
    [InlineData("unknown-key", RedemptionVerdict.UnknownKey)]
    [InlineData("expired", RedemptionVerdict.Expired)]
    internal static async Task A_verdict_is_passed_on(string verdict, RedemptionVerdict expected)
    {
        var issuer = new ScriptedIssuer((_, tokens) => ScriptedIssuer.Verdicts(tokens.Select(_ => verdict)));
        using RedemptionClient client = await StartAsync(issuer);

        Assert.Equal(expected, await client.RedeemAsync([AnyToken()], RedemptionId.Draw()));
    }

    [Fact]
    public static async Task Tokens_that_wait_while_a_call_is_on_the_way_share_the_next_one()
    {
        using var firstIsHere = new SemaphoreSlim(0);
        using var letGo = new SemaphoreSlim(0);
        ScriptedIssuer issuer = HoldingTheFirst(firstIsHere, letGo);
        using RedemptionClient client = await StartAsync(issuer, new() { Lanes = 1 });

        Task<RedemptionVerdict> first = client.RedeemAsync([AnyToken()], RedemptionId.Draw());
        await firstIsHere.WaitAsync(TestContext.Current.CancellationToken);
        Task<RedemptionVerdict>[] others = [.. Enumerable.Range(0, 50).Select(_ => client.RedeemAsync([AnyToken()], RedemptionId.Draw()))];
        letGo.Release();

        Assert.All(await Task.WhenAll([first, .. others]), verdict => Assert.Equal(RedemptionVerdict.Accepted, verdict));
        Assert.Equal([1, 50], issuer.Calls.Select(call => call.Length));
    }

    [Fact]
    public static async Task Each_token_gets_the_verdict_of_its_own_place()
    {
        using var letGo = new SemaphoreSlim(0);
        Token spent = AnyToken();
        string spentText = PaddedBase64Url.Encode(spent.Encoded);
        var issuer = new ScriptedIssuer((number, tokens) =>
        {
            if (number is 0)
                letGo.Wait();
            return ScriptedIssuer.Verdicts(tokens.Select(token => token == spentText ? "spent" : "accepted"));
        });
        using RedemptionClient client = await StartAsync(issuer, new() { Lanes = 1 });

        Task<RedemptionVerdict>[] pending =
            [.. Enumerable.Range(0, 9).Select(place => client.RedeemAsync([place is 5 ? spent : AnyToken()], RedemptionId.Draw()))];
        letGo.Release();
        RedemptionVerdict[] verdicts = await Task.WhenAll(pending);

        Assert.Equal(RedemptionVerdict.Spent, verdicts[5]);
        Assert.Equal(8, verdicts.Count(verdict => verdict is RedemptionVerdict.Accepted));
    }

    [Theory]
    [InlineData("no connection")]
    [InlineData("status 503")]
    [InlineData("not JSON")]
    [InlineData("too few verdicts")]
    [InlineData("an unknown verdict")]
    public static async Task A_call_that_fails_is_repeated_with_the_same_ids(string fault)
    {
        var issuer = new ScriptedIssuer((number, tokens) => number > 1 ? ScriptedIssuer.Verdicts(tokens.Select(_ => "accepted")) : fault switch
        {
            "status 503" => new(HttpStatusCode.ServiceUnavailable),
            "not JSON" => new(HttpStatusCode.OK) { Content = new StringContent("accepted") },
            "too few verdicts" => ScriptedIssuer.Verdicts(),
            "an unknown verdict" => ScriptedIssuer.Verdicts(tokens.Select(_ => "maybe")),
            _ => throw new HttpRequestException("refused"),
        });
        using RedemptionClient client = await StartAsync(issuer);

        Assert.Equal(RedemptionVerdict.Accepted, await client.RedeemAsync([AnyToken()], RedemptionId.Draw()));
        Assert.Equal(3, issuer.Calls.Count);
        Assert.Single(issuer.Calls.SelectMany(call => call).Distinct());
    }

    [Fact]
    public static async Task Without_a_verdict_in_time_there_is_none()
    {
        var issuer = new ScriptedIssuer((_, _) => throw new HttpRequestException("refused"));
        using RedemptionClient client = await StartAsync(issuer, new() { Timeout = TimeSpan.FromMilliseconds(100) });

        Assert.Equal(RedemptionVerdict.Unavailable, await client.RedeemAsync([AnyToken()], RedemptionId.Draw()));
    }

    [Fact]
    public static async Task Who_is_overdue_when_a_lane_is_free_again_is_told_so_and_the_lane_goes_on()
    {
        var clock = new ManualClock(DateTimeOffset.UtcNow);
        using var firstIsHere = new SemaphoreSlim(0);
        using var letGo = new SemaphoreSlim(0);
        ScriptedIssuer issuer = HoldingTheFirst(firstIsHere, letGo);
        using RedemptionClient client = await StartAsync(issuer, new() { Lanes = 1, BatchSize = 3 }, time: clock);

        Task<RedemptionVerdict> first = client.RedeemAsync([AnyToken()], RedemptionId.Draw());
        await firstIsHere.WaitAsync(TestContext.Current.CancellationToken);
        Task<RedemptionVerdict>[] late = [.. Enumerable.Range(0, 10).Select(_ => client.RedeemAsync([AnyToken()], RedemptionId.Draw()))];
        clock.Advance(TimeSpan.FromHours(1));
        Task<RedemptionVerdict> inTime = client.RedeemAsync([AnyToken()], RedemptionId.Draw());
        letGo.Release();

        Assert.Equal(RedemptionVerdict.Accepted, await first);
        Assert.All(await Task.WhenAll(late), verdict => Assert.Equal(RedemptionVerdict.Unavailable, verdict));
        Assert.Equal(RedemptionVerdict.Accepted, await inTime);
        Assert.Equal([1, 1], issuer.Calls.Select(call => call.Length));
    }

    [Theory]
    [InlineData("")]
    [InlineData("first line\nsecond line\n")]
    [InlineData(null)]
    public static async Task A_secret_that_cannot_be_used_is_named_and_its_successor_is_taken(string? wrong)
    {
        string file = Path.GetTempFileName();
        try
        {
            var issuer = new ScriptedIssuer((_, tokens) => ScriptedIssuer.Verdicts(tokens.Select(_ => "accepted")));
            var log = new ListLogger();
            using RedemptionClient client = await StartAsync(issuer, new() { Lanes = 1, SecretFile = file, Timeout = TimeSpan.FromMilliseconds(200) }, log);
            if (wrong is null)
                File.Delete(file);
            else
                await File.WriteAllTextAsync(file, wrong, TestContext.Current.CancellationToken);
            Assert.Equal(RedemptionVerdict.Unavailable, await client.RedeemAsync([AnyToken()], RedemptionId.Draw()));
            await File.WriteAllTextAsync(file, "right\n", TestContext.Current.CancellationToken);

            Assert.Equal(RedemptionVerdict.Accepted, await client.RedeemAsync([AnyToken()], RedemptionId.Draw()));
            Assert.Equal("Bearer right", issuer.Authorization);
            Assert.All(log.Lines, line => Assert.Contains("SecretFile", line, StringComparison.Ordinal));
            Assert.NotEmpty(log.Lines);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public static async Task Whoever_still_waits_when_the_gateway_stops_gets_no_verdict()
    {
        var issuer = new ScriptedIssuer((_, _) => throw new HttpRequestException("refused"));
        using RedemptionClient client = await StartAsync(issuer, new() { Timeout = TimeSpan.FromMinutes(1) });
        Task<RedemptionVerdict> pending = client.RedeemAsync([AnyToken()], RedemptionId.Draw());

        await client.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(RedemptionVerdict.Unavailable, await pending);
    }

    [Fact]
    public static async Task The_tokens_of_a_request_go_in_one_call_under_one_id()
    {
        using var letGo = new SemaphoreSlim(0);
        var issuer = new ScriptedIssuer((number, tokens) =>
        {
            if (number is 0)
                letGo.Wait();
            return ScriptedIssuer.Verdicts(tokens.Select(_ => "accepted"));
        });
        using RedemptionClient client = await StartAsync(issuer, new() { Lanes = 1, BatchSize = 32 });

        Task<RedemptionVerdict>[] pending = [.. Enumerable.Range(0, 20).Select(_ => client.RedeemAsync([.. Enumerable.Range(0, 5).Select(_ => AnyToken())], RedemptionId.Draw()))];
        letGo.Release();

        Assert.All(await Task.WhenAll(pending), verdict => Assert.Equal(RedemptionVerdict.Accepted, verdict));
        Assert.All(issuer.Calls, call => Assert.InRange(call.Length, 5, 32));
        Assert.All(issuer.Calls, call => Assert.All(call.CountBy(entry => entry.Id), redemption => Assert.Equal(5, redemption.Value)));
        Assert.Equal(20, issuer.Calls.SelectMany(call => call.Select(entry => entry.Id).Distinct()).Count());
    }

    [Theory]
    [InlineData("accepted", RedemptionVerdict.Accepted)]
    [InlineData("spent", RedemptionVerdict.Spent)]
    [InlineData("expired", RedemptionVerdict.Expired)]
    internal static async Task One_token_that_is_refused_refuses_the_request(string second, RedemptionVerdict expected)
    {
        var issuer = new ScriptedIssuer((_, _) => ScriptedIssuer.Verdicts("accepted", second, "accepted"));
        using RedemptionClient client = await StartAsync(issuer);

        Assert.Equal(expected, await client.RedeemAsync([AnyToken(), AnyToken(), AnyToken()], RedemptionId.Draw()));
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized, "SecretFile")]
    [InlineData(HttpStatusCode.Forbidden, "SecretFile")]
    [InlineData(HttpStatusCode.NotFound, "Endpoint")]
    [InlineData(HttpStatusCode.UnsupportedMediaType, "Endpoint")]
    [InlineData(HttpStatusCode.RequestEntityTooLarge, "BatchSize")]
    [InlineData(HttpStatusCode.BadRequest, "do not understand")]
    public static async Task An_issuer_that_refuses_this_gateway_is_named_once_and_left_alone(HttpStatusCode status, string named)
    {
        var issuer = new ScriptedIssuer((_, _) => new(status));
        var log = new ListLogger();
        using RedemptionClient client = await StartAsync(issuer, new() { Lanes = 1, RefusalPause = TimeSpan.FromMinutes(5), Timeout = TimeSpan.FromMinutes(1) }, log);

        for (int i = 0; i < 20; i++)
            Assert.Equal(RedemptionVerdict.Unavailable, await client.RedeemAsync([AnyToken()], RedemptionId.Draw()));

        Assert.Single(issuer.Calls);
        Assert.Contains(named, Assert.Single(log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public static async Task What_was_put_right_at_the_issuer_is_noticed_after_the_pause()
    {
        var issuer = new ScriptedIssuer((number, tokens) => number is 0 ? new(HttpStatusCode.Unauthorized) : ScriptedIssuer.Verdicts(tokens.Select(_ => "accepted")));
        var log = new ListLogger();
        using RedemptionClient client = await StartAsync(issuer, new() { Lanes = 1, RefusalPause = TimeSpan.FromMilliseconds(100) }, log);

        Assert.Equal(RedemptionVerdict.Unavailable, await client.RedeemAsync([AnyToken()], RedemptionId.Draw()));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await client.RedeemAsync([AnyToken()], RedemptionId.Draw()) is not RedemptionVerdict.Accepted)
            await Task.Delay(20, patience.Token);

        Assert.Equal(2, issuer.Calls.Count);
        Assert.Equal(2, log.Lines.Count);
    }

    [Fact]
    public static async Task An_issuer_that_asks_for_a_pause_gets_it()
    {
        var calls = new List<long>();
        var issuer = new ScriptedIssuer((number, tokens) =>
        {
            lock (calls)
            {
                calls.Add(TimeProvider.System.GetTimestamp());
            }

            return number is 0
                ? new(HttpStatusCode.ServiceUnavailable) { Headers = { RetryAfter = new(TimeSpan.FromSeconds(1)) } }
                : ScriptedIssuer.Verdicts(tokens.Select(_ => "accepted"));
        });
        using RedemptionClient client = await StartAsync(issuer, new() { Timeout = TimeSpan.FromMinutes(1) });

        Assert.Equal(RedemptionVerdict.Accepted, await client.RedeemAsync([AnyToken()], RedemptionId.Draw()));
        Assert.Equal(2, calls.Count);
        Assert.True(TimeProvider.System.GetElapsedTime(calls[0], calls[1]) >= TimeSpan.FromSeconds(1));
    }

    [Fact]
    public static async Task Who_cannot_outwait_the_pause_is_told_at_once()
    {
        var issuer = new ScriptedIssuer((_, _) => new(HttpStatusCode.ServiceUnavailable) { Headers = { RetryAfter = new(TimeSpan.FromHours(1)) } });
        using RedemptionClient client = await StartAsync(issuer, new() { Timeout = TimeSpan.FromSeconds(20) });

        Assert.Equal(RedemptionVerdict.Unavailable, await client.RedeemAsync([AnyToken()], RedemptionId.Draw()).WaitAsync(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken));
        Assert.Single(issuer.Calls);
    }

    [Fact]
    public static async Task Whoever_comes_while_a_call_is_repeated_rides_along()
    {
        using var failedOnce = new SemaphoreSlim(0);
        using var letGo = new SemaphoreSlim(0);
        var issuer = new ScriptedIssuer((number, tokens) =>
        {
            if (number is not 0)
                return ScriptedIssuer.Verdicts(tokens.Select(_ => "accepted"));
            failedOnce.Release();
            letGo.Wait();
            throw new HttpRequestException("refused");
        });
        using RedemptionClient client = await StartAsync(issuer, new() { Lanes = 1 });

        Task<RedemptionVerdict> first = client.RedeemAsync([AnyToken()], RedemptionId.Draw());
        await failedOnce.WaitAsync(TestContext.Current.CancellationToken);
        Task<RedemptionVerdict> second = client.RedeemAsync([AnyToken()], RedemptionId.Draw());
        letGo.Release();

        Assert.All(await Task.WhenAll(first, second), verdict => Assert.Equal(RedemptionVerdict.Accepted, verdict));
        Assert.Equal([1, 2], issuer.Calls.Select(call => call.Length));
        Assert.Equal(issuer.Calls[0][0], issuer.Calls[1][0]);
    }

    [Fact]
    public static async Task More_than_may_wait_are_refused_at_once_and_the_rest_is_counted()
    {
        using var letGo = new SemaphoreSlim(0);
        var issuer = new ScriptedIssuer((_, tokens) =>
        {
            letGo.Wait();
            return ScriptedIssuer.Verdicts(tokens.Select(_ => "accepted"));
        });
        using var metrics = new RedemptionMetrics(NewMeters());
        using RedemptionClient client = await StartAsync(issuer, new() { MaxWaiting = 5, Timeout = TimeSpan.FromMinutes(1), CallTimeout = TimeSpan.FromMinutes(1) }, metrics: metrics);

        Task<RedemptionVerdict> fits = client.RedeemAsync([AnyToken(), AnyToken(), AnyToken()], RedemptionId.Draw());
        Assert.Equal(RedemptionVerdict.Unavailable, await client.RedeemAsync([AnyToken(), AnyToken(), AnyToken()], RedemptionId.Draw()));
        Assert.Equal(3, metrics.Waiting);
        letGo.Release(10);

        Assert.Equal(RedemptionVerdict.Accepted, await fits);
        Assert.Equal(0, metrics.Waiting);
    }

    [Fact]
    public static void Ids_are_not_repeated() =>
        Assert.Equal(1000, Enumerable.Range(0, 1000).Select(_ => { RedemptionId id = RedemptionId.Draw(); return Convert.ToHexString(id); }).Distinct().Count());

    /// <summary>Accepts all; the first call is answered when it is let go.</summary>
    private static ScriptedIssuer HoldingTheFirst(SemaphoreSlim isHere, SemaphoreSlim letGo) => new((number, tokens) =>
    {
        if (number is 0)
        {
            isHere.Release();
            letGo.Wait();
        }

        return ScriptedIssuer.Verdicts(tokens.Select(_ => "accepted"));
    });

    private static async Task<RedemptionClient> StartAsync(
        ScriptedIssuer issuer, RedemptionOptions? options = null, ILogger<RedemptionClient>? logger = null, RedemptionMetrics? metrics = null, TimeProvider? time = null)
    {
        options ??= new();
        var set = new RedemptionOptions
        {
            Endpoint = new Uri("https://issuer.example/redeem"),
            Lanes = options.Lanes,
            Timeout = options.Timeout,
            CallTimeout = options.CallTimeout,
            RefusalPause = options.RefusalPause,
            BatchSize = options.BatchSize,
            MaxWaiting = options.MaxWaiting,
            SecretFile = options.SecretFile,
        };
        var client = new RedemptionClient(
            Options.Create(set), time ?? TimeProvider.System, metrics ?? new RedemptionMetrics(NewMeters()), logger ?? NullLogger<RedemptionClient>.Instance, () => issuer);
        await client.StartAsync(TestContext.Current.CancellationToken);
        return client;
    }

    private static IMeterFactory NewMeters() => new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();

    private sealed class ListLogger : ILogger<RedemptionClient>
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue(formatter(state, exception));
    }

    private static Token AnyToken()
    {
        byte[] encoded = RandomNumberGenerator.GetBytes(TokenType.Find(2)!.TokenSize);
        (encoded[0], encoded[1]) = (0, 2);
        Assert.True(Token.TryParse(encoded, out Token? token, out _));
        return token;
    }
}
