using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Veil.Issuer.Tests.Rig;
using Veil.ServiceDefaults;

namespace Veil.Issuer.Tests;

public sealed class OpenIdConnectKeysTests : IAsyncLifetime
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly LocalAuthority _authority = new();
    private readonly SteppedClock _clock = new();
    private readonly string _roots = Path.GetTempFileName();
    private IdentityProvider? _provider;

    private IdentityProvider Provider => _provider!;

    public async ValueTask InitializeAsync()
    {
        _provider = await IdentityProvider.StartAsync(_authority);
        await File.WriteAllTextAsync(_roots, _authority.RootPem);
    }

    public async ValueTask DisposeAsync()
    {
        await Provider.DisposeAsync();
        _authority.Dispose();
        File.Delete(_roots);
    }

    [Fact]
    public async Task Concurrent_first_uses_share_one_fetch()
    {
        using OpenIdConnectKeys keys = Open();
        KeySearch[] found = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => keys.FindAsync("first", "RS256").AsTask()));
        Assert.All(found, search => Assert.NotNull(search.Key));
        Assert.Equal(1, Provider.Discoveries);
    }

    [Fact]
    public async Task Unknown_keys_drive_one_fetch_an_interval_whatever_their_number()
    {
        using OpenIdConnectKeys keys = Open();
        Assert.NotNull((await keys.FindAsync("first", "RS256")).Key);
        for (int interval = 1; interval <= 3; interval++)
        {
            KeySearch[] found = await Task.WhenAll(Enumerable.Range(0, 50).Select(forged => keys.FindAsync($"forged {forged}", "RS256").AsTask()));
            Assert.All(found, search => Assert.Equal(new KeySearch(null, IsCertain: true), search));
            Assert.Equal(interval, Provider.Discoveries);
            _clock.Pass(Interval);
        }
    }

    [Fact]
    public async Task A_new_key_is_found_once_the_interval_is_over_and_an_old_one_goes_with_the_next_fetch()
    {
        using OpenIdConnectKeys keys = Open();
        Assert.NotNull((await keys.FindAsync("first", "RS256")).Key);
        Provider.Keys.Clear();
        Provider.Keys.Add(ProviderKey.Curve("second"));
        Assert.Null((await keys.FindAsync("second", "ES256")).Key);
        _clock.Pass(Interval);
        Assert.NotNull((await keys.FindAsync("second", "ES256")).Key);
        Assert.Equal(new KeySearch(null, IsCertain: true), await keys.FindAsync("first", "RS256"));
    }

    [Fact]
    public async Task Keys_that_got_old_are_fetched_again_while_the_old_ones_serve()
    {
        using OpenIdConnectKeys keys = Open();
        Assert.NotNull((await keys.FindAsync("first", "RS256")).Key);
        _clock.Pass(TimeSpan.FromHours(2));
        Assert.NotNull((await keys.FindAsync("first", "RS256")).Key);
        for (int attempt = 0; Provider.Discoveries < 2; attempt++)
        {
            Assert.True(attempt < 600, "It was not fetched again.");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task While_the_provider_is_away_known_keys_serve_for_a_day_and_nothing_is_certain_of_others()
    {
        using OpenIdConnectKeys keys = Open();
        Assert.NotNull((await keys.FindAsync("first", "RS256")).Key);
        Provider.Instead = Fail(StatusCodes.Status503ServiceUnavailable);
        _clock.Pass(TimeSpan.FromHours(23));
        Assert.NotNull((await keys.FindAsync("first", "RS256")).Key);
        Assert.Equal(new KeySearch(null, IsCertain: false), await keys.FindAsync("second", "RS256"));
        _clock.Pass(TimeSpan.FromHours(2));
        Assert.Equal(new KeySearch(null, IsCertain: false), await keys.FindAsync("first", "RS256"));
        Provider.Instead = null;
        _clock.Pass(Interval);
        Assert.NotNull((await keys.FindAsync("first", "RS256")).Key);
    }

    [Fact]
    public async Task A_token_without_a_key_id_means_the_only_key()
    {
        using OpenIdConnectKeys keys = Open();
        Assert.NotNull((await keys.FindAsync(null, "RS256")).Key);
        Assert.Null((await keys.FindAsync(null, "ES256")).Key);
        Provider.Keys.Add(ProviderKey.Curve("second"));
        using OpenIdConnectKeys several = Open();
        Assert.Equal(new KeySearch(null, IsCertain: true), await several.FindAsync("", "RS256"));
    }

    public static TheoryData<string> Bad => new(
        "not there", "a redirect", "too large", "endless", "slow", "no json", "another issuer", "no key set", "a key set without tls", "a key set without keys", "damaged keys", "an empty object");

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task A_provider_that_answers_otherwise_leaves_no_key_and_does_no_harm(string how)
    {
        Provider.Instead = how switch
        {
            "not there" => Fail(StatusCodes.Status404NotFound),
            "a redirect" => context =>
            {
                context.Response.Redirect("https://localhost/elsewhere");
                return Task.CompletedTask;
            },
            "too large" => Say(new string(' ', 2_000) + Discovery()),
            "endless" => async context =>
            {
                while (!context.RequestAborted.IsCancellationRequested)
                {
                    await context.Response.WriteAsync(new string(' ', 500), context.RequestAborted);
                }
            },
            "slow" => context => Task.Delay(Timeout.Infinite, context.RequestAborted),
            "no json" => Say("<html>"),
            "another issuer" => Say("{\"issuer\":\"https://another.example\",\"jwks_uri\":\"" + Provider.Issuer + "/keys\"}"),
            "no key set" => Say("{\"issuer\":\"" + Provider.Issuer + "\"}"),
            "a key set without tls" => Say(Discovery().Replace("https://localhost", "http://localhost", StringComparison.Ordinal).Replace("\"issuer\":\"http", "\"issuer\":\"https", StringComparison.Ordinal)),
            "a key set without keys" => SayBoth("{\"keys\":[]}"),
            "damaged keys" => SayBoth(
                "{\"keys\":[{},{\"kty\":\"RSA\"},{\"kty\":\"RSA\",\"n\":\"!\",\"e\":\"AQAB\"},{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"},{\"kty\":\"oct\",\"k\":\"AAAA\",\"kid\":\"first\"}]}"),
            _ => Say("{}"),
        };
        using OpenIdConnectKeys keys = Open(maxDocumentBytes: 1_500, timeout: TimeSpan.FromSeconds(1));
        Assert.Equal(new KeySearch(null, IsCertain: false), await keys.FindAsync("first", "RS256"));
    }

    private static RequestDelegate Fail(int status) => context =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    };

    private static RequestDelegate Say(string body) => context => context.Response.WriteAsync(body);

    private RequestDelegate SayBoth(string keys) => context => context.Response.WriteAsync(context.Request.Path == "/keys" ? keys : Discovery());

    private string Discovery() => "{\"issuer\":\"" + Provider.Issuer + "\",\"jwks_uri\":\"" + Provider.Issuer + "/keys\"}";

    private OpenIdConnectKeys Open(int maxDocumentBytes = 256 * 1024, TimeSpan? timeout = null) => new(
        new OpenIdConnectOptions
        {
            Issuer = new Uri(Provider.Issuer),
            Audience = IdentityProvider.Audience,
            RefreshAtMostEvery = Interval,
            MaxDocumentBytes = maxDocumentBytes,
            Timeout = timeout ?? TimeSpan.FromSeconds(60),
            Tls = new OutboundTlsOptions { TrustedRootsFile = _roots },
        },
        _clock,
        NullLogger<OpenIdConnectKeys>.Instance);
}
