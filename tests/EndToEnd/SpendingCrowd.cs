using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Veil.ClientSdk;
using Veil.PrivacyPass;

namespace Veil.EndToEnd;

/// <summary>Clients that draw and spend as fast as they can, with wallets so small that drawing never rests, and what became of their requests.</summary>
internal sealed class SpendingCrowd : IAsyncDisposable
{
    private readonly DeploymentFixture _fixture;
    private readonly CancellationTokenSource _done = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly SemaphoreSlim _turns;
    private readonly Task[] _clients;
    private int _served;

    public SpendingCrowd(DeploymentFixture fixture, int clients, int tokensAtATime)
    {
        _fixture = fixture;
        _turns = new SemaphoreSlim(clients);
        _clients = [.. Enumerable.Range(0, clients).Select(_ => Task.Run(() => SpendAsync(tokensAtATime)))];
    }

    /// <summary>Everything that was not the answer of the workload.</summary>
    public IEnumerable<string> Failures => _failures;

    /// <summary>Requests that were answered.</summary>
    public int Served => Volatile.Read(ref _served);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Watches the issuer's active key until it has been what is wanted, and gives every type and key that it was, in order.</summary>
    public async Task<IReadOnlyList<(ushort Type, string Key)>> WatchActiveKeyAsync(Func<IReadOnlyList<(ushort Type, string Key)>, bool> enough, TimeSpan patience)
    {
        using HttpClient ordinary = _fixture.NewOrdinaryClient();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(patience);
        var directoryUri = new Uri(_fixture.Deployment.Plan.Issuer.Url, IssuerDirectory.WellKnownPath);
        var active = new List<(ushort Type, string Key)>();
        while (!enough(active) && _failures.IsEmpty)
        {
            Assert.True(IssuerDirectory.TryParse(await ordinary.GetByteArrayAsync(directoryUri, limit.Token), out IssuerDirectory? directory, out _));
            IssuerDirectoryKey key = directory.FindActive(DateTimeOffset.UtcNow)!;
            (ushort, string) now = (key.TokenType, Convert.ToHexString(key.TokenKey.Span));
            if (active.Count is 0 || active[^1] != now)
            {
                active.Add(now);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), limit.Token);
        }

        return active;
    }

    /// <summary>Does something while no request is on its way: one issuer alone cannot be restarted under whoever draws from it.</summary>
    public async Task WhileAtRestAsync(Func<Task> work)
    {
        for (int i = 0; i < _clients.Length; i++)
        {
            await _turns.WaitAsync(Cancellation);
        }

        await work();
        _turns.Release(_clients.Length);
    }

    /// <summary>Lets every client end the request that it has begun.</summary>
    public async Task StopAsync()
    {
        await _done.CancelAsync();
        await Task.WhenAll(_clients);
    }

    /// <summary>What the issuer said about tokens, as the gateway counted it.</summary>
    public async Task<Dictionary<string, long>> VerdictsAsync()
    {
        const string Family = "veil_gateway_redemption_tokens_total{verdict=\"";
        using var http = new HttpClient();
        string metrics = await http.GetStringAsync(new Uri($"http://{_fixture.Deployment.Plan.Gateway.Management}/metrics"), Cancellation);
        return metrics.Split('\n')
            .Where(line => line.StartsWith(Family, StringComparison.Ordinal))
            .Select(line => line[Family.Length..].Split("\"} "))
            .ToDictionary(line => line[0], line => long.Parse(line[1], CultureInfo.InvariantCulture));
    }

    /// <summary>What went wrong, with what the issuer said.</summary>
    public async Task<string> DescribeAsync() =>
        $"{string.Join("; ", Failures)} | verdicts: {string.Join(", ", await VerdictsAsync())}";

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _done.Dispose();
        _turns.Dispose();
    }

    private async Task SpendAsync(int tokensAtATime)
    {
        using var handler = new VeilHandler(_fixture.Deployment.ClientOptions(_fixture.NewWalletFile(), tokensAtATime));
        using var http = new HttpClient(handler) { Timeout = TimeSpan.FromMinutes(2) };
        while (!_done.IsCancellationRequested && _failures.IsEmpty)
        {
            await _turns.WaitAsync(Cancellation);
            try
            {
                using HttpResponseMessage answer = await http.GetAsync(_fixture.Url("/hello"), Cancellation);
                if (answer.StatusCode is HttpStatusCode.OK)
                {
                    Interlocked.Increment(ref _served);
                }
                else
                {
                    _failures.Enqueue($"status {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(Cancellation)}");
                }
            }
            catch (HttpRequestException failure)
            {
                _failures.Enqueue(failure.Message);
            }
            finally
            {
                _turns.Release();
            }
        }
    }
}
