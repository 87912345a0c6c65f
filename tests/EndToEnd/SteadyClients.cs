using System.Collections.Concurrent;
using System.Net;

namespace Veil.EndToEnd;

/// <summary>Clients that ask one small thing after another until they are stopped, and what became of it.</summary>
internal sealed class SteadyClients : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly ConcurrentQueue<string> _failures = [];
    private readonly HttpClient[] _clients;
    private readonly Task[] _asking;
    private int _served;

    /// <param name="clients">Theirs from now on.</param>
    /// <param name="url">What they ask for.</param>
    public SteadyClients(HttpClient[] clients, Uri url)
    {
        _clients = clients;
        _asking = [.. clients.Select(client => AskAsync(client, url))];
    }

    /// <summary>Everything that was not the answer of a workload, with its time.</summary>
    public IEnumerable<string> Failures => _failures;

    /// <summary>Requests that were answered.</summary>
    public int Served => Volatile.Read(ref _served);

    /// <summary>Sees what is under way to its end, and asks no more.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_asking);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        foreach (HttpClient client in _clients)
            client.Dispose();
        _stop.Dispose();
    }

    private async Task AskAsync(HttpClient client, Uri url)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using HttpResponseMessage answer = await client.GetAsync(url, CancellationToken.None);
                if (answer.StatusCode is HttpStatusCode.OK)
                    Interlocked.Increment(ref _served);
                else
                    _failures.Enqueue($"{DateTime.UtcNow:HH:mm:ss.fff} status {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(CancellationToken.None)}");
            }
            catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
            {
                _failures.Enqueue($"{DateTime.UtcNow:HH:mm:ss.fff} {failure.Message}");
            }

            await Task.Delay(Pause, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
