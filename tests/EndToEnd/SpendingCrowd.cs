using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Veil.ClientSdk;
using Veil.PrivacyPass;

namespace Veil.EndToEnd;

/// <summary>
/// Clients that draw and spend as fast as they can, with wallets so small that drawing never rests, and what became of their requests. Each is a machine of its own: it
/// shares neither wallet nor memory of the log with another.
/// </summary>
internal sealed class SpendingCrowd : IAsyncDisposable
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromMinutes(2);

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

    /// <summary>
    /// One more client, which draws so many tokens, waits until another key is active than theirs, and only then spends them: all under a key in grace. It can draw none
    /// meanwhile. Gives how many of its requests were answered.
    /// </summary>
    public async Task<int> SpendInGraceAsync(int tokens, TimeSpan patience)
    {
        string wallet = _fixture.NewWalletFileOfItsOwn();
        using (var drawing = new VeilHandler(_fixture.Deployment.ClientOptions(wallet, tokens)))
        {
            await drawing.Tokens!.FillAsync(Cancellation);
        }

        HashSet<string> drawnUnder = [.. WalletTokens.Read(wallet).Select(KeyId)];
        await WatchActiveKeyAsync(seen => seen.Count > 0 && !drawnUnder.Contains(Convert.ToHexString(SHA256.HashData(Convert.FromHexString(seen[^1].Key)))), patience);
        using var http = new HttpClient(new VeilHandler(_fixture.Deployment.SpendingOnly(wallet))) { Timeout = RequestTimeout };
        int served = 0;
        for (int token = 0; token < tokens && _failures.IsEmpty; token++)
        {
            served += await AskAsync(http) ? 1 : 0;
        }

        return served;
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

    private static string KeyId(byte[] encoded) =>
        Token.TryParse(encoded, out Token? token, out PrivacyPassError error) ? Convert.ToHexString(token.KeyId) : throw new InvalidDataException($"a wallet holds what is no token ({error})");

    private async Task SpendAsync(int tokensAtATime)
    {
        using var handler = new VeilHandler(_fixture.Deployment.ClientOptions(_fixture.NewWalletFileOfItsOwn(), tokensAtATime));
        using var http = new HttpClient(handler) { Timeout = RequestTimeout };
        while (!_done.IsCancellationRequested && _failures.IsEmpty)
        {
            await _turns.WaitAsync(Cancellation);
            try
            {
                await AskAsync(http);
            }
            finally
            {
                _turns.Release();
            }
        }
    }

    /// <summary>True when the answer was the workload's; anything else is a failure of the crowd.</summary>
    private async Task<bool> AskAsync(HttpClient http)
    {
        try
        {
            using HttpResponseMessage answer = await http.GetAsync(_fixture.Url("/hello"), Cancellation);
            if (answer.StatusCode is HttpStatusCode.OK)
            {
                Interlocked.Increment(ref _served);
                return true;
            }

            _failures.Enqueue($"status {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(Cancellation)}");
        }
        catch (HttpRequestException failure)
        {
            _failures.Enqueue(failure.Message);
        }

        return false;
    }
}
