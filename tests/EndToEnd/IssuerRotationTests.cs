using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Veil.ClientSdk;
using Veil.DevStack;
using Veil.PrivacyPass;

namespace Veil.EndToEnd;

/// <summary>A deployment whose token keys live for seconds, and whose parties look as often as days are to minutes.</summary>
public sealed class RotatingIssuerFixture : DeploymentFixture
{
    /// <inheritdoc/>
    protected override DeploymentOptions Options => base.Options with
    {
        Record = false,
        Quota = 1_000_000,
        IssuerKeys = new(TimeSpan.FromSeconds(10), Notice: TimeSpan.FromSeconds(8), Grace: TimeSpan.FromSeconds(10), Overlap: TimeSpan.FromSeconds(5)),
        DirectoryRefresh = TimeSpan.FromSeconds(1),
        ViewLifetime = TimeSpan.FromSeconds(2),
        RedemptionTimeout = TimeSpan.FromSeconds(30),
    };
}

/// <summary>Token keys come and go under clients that draw and spend at full speed: no request fails, and no token is refused that is good.</summary>
public sealed class IssuerRotationTests(RotatingIssuerFixture fixture) : IClassFixture<RotatingIssuerFixture>
{
    private const int Clients = 4;
    private const int Takeovers = 3;
    private const int TokensAtATime = 8;

    /// <summary>Three takeovers are over after at most four epochs; a busy machine gets more.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Three_rotations_under_load_fail_no_request_and_refuse_no_token()
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var failures = new ConcurrentQueue<string>();
        Task<int>[] clients = [.. Enumerable.Range(0, Clients).Select(_ => Task.Run(() => SpendAsync(failures, done.Token)))];

        int takeovers = await WatchTakeoversAsync();
        await done.CancelAsync();
        int served = (await Task.WhenAll(clients)).Sum();

        Assert.Empty(failures);
        Assert.True(takeovers >= Takeovers, $"{takeovers} takeovers were seen in time.");
        Assert.True(served > 100, $"{served} requests were served.");
        Assert.Equal(new Dictionary<string, long> { ["Accepted"] = served }, await VerdictsAsync());
    }

    /// <summary>One person after another request, with a wallet so small that drawing never rests.</summary>
    private async Task<int> SpendAsync(ConcurrentQueue<string> failures, CancellationToken done)
    {
        using var handler = new VeilHandler(fixture.Deployment.ClientOptions(fixture.NewWalletFile(), TokensAtATime));
        using var http = new HttpClient(handler) { Timeout = TimeSpan.FromMinutes(2) };
        int served = 0;
        while (!done.IsCancellationRequested && failures.IsEmpty)
        {
            try
            {
                using HttpResponseMessage answer = await http.GetAsync(fixture.Url("/hello"), Cancellation);
                if (answer.StatusCode is HttpStatusCode.OK)
                {
                    served++;
                }
                else
                {
                    failures.Enqueue($"status {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(Cancellation)}");
                }
            }
            catch (HttpRequestException failure)
            {
                failures.Enqueue(failure.Message);
            }
        }

        return served;
    }

    /// <summary>Waits until the directory's active key has changed often enough.</summary>
    private async Task<int> WatchTakeoversAsync()
    {
        using HttpClient ordinary = fixture.NewOrdinaryClient();
        var directoryUri = new Uri(fixture.Deployment.Plan.Issuer.Url, IssuerDirectory.WellKnownPath);
        var active = new HashSet<string>();
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < Patience && active.Count <= Takeovers;)
        {
            Assert.True(IssuerDirectory.TryParse(await ordinary.GetByteArrayAsync(directoryUri, Cancellation), out IssuerDirectory? directory, out _));
            active.Add(Convert.ToHexString(directory.FindActive(DateTimeOffset.UtcNow)!.TokenKey.Span));
            await Task.Delay(TimeSpan.FromMilliseconds(200), Cancellation);
        }

        return active.Count - 1;
    }

    /// <summary>What the issuer said about tokens, as the gateway counted it.</summary>
    private async Task<Dictionary<string, long>> VerdictsAsync()
    {
        const string Family = "veil_gateway_redemption_tokens_total{verdict=\"";
        using var http = new HttpClient();
        string metrics = await http.GetStringAsync(new Uri($"http://{fixture.Deployment.Plan.Gateway.Management}/metrics"), Cancellation);
        return metrics.Split('\n')
            .Where(line => line.StartsWith(Family, StringComparison.Ordinal))
            .Select(line => line[Family.Length..].Split("\"} "))
            .ToDictionary(line => line[0], line => long.Parse(line[1], CultureInfo.InvariantCulture));
    }
}
