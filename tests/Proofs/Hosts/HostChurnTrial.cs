using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Veil.ClientSdk;
using Veil.DevStack;

namespace Veil.Proofs.Hosts;

/// <summary>
/// All parties with six hosts, of which two are ended and started again in every epoch, while clients ask without a pause. A host has new keys with every start; it and the
/// gateway change theirs by their own schedules besides.
/// </summary>
internal sealed class HostChurnTrial : IAsyncDisposable
{
    /// <summary>Hosts in the deployment.</summary>
    public const int Hosts = 6;

    /// <summary>Hosts that are restarted in an epoch.</summary>
    public const int Restarted = 2;

    /// <summary>Clients that ask at once.</summary>
    public const int Clients = 8;

    private readonly ChurnWorkload _workload;
    private readonly Deployment _deployment;
    private readonly TimeSpan _epoch;
    private readonly HttpClient[] _clients;
    private readonly VeilHandler[] _handlers;
    private readonly ConcurrentQueue<string> _failures = [];
    private int _next;
    private int _restarted;

    private HostChurnTrial(ChurnWorkload workload, Deployment deployment, TimeSpan epoch)
    {
        (_workload, _deployment, _epoch) = (workload, deployment, epoch);
        _handlers = [.. Enumerable.Range(0, Clients).Select(number => new VeilHandler(deployment.ClientOptions(Path.Combine(Directory.CreateDirectory(Path.Combine(deployment.Folder, $"client-{number}")).FullName, "wallet"))))];
        _clients = [.. _handlers.Select(handler => new HttpClient(handler, disposeHandler: false) { Timeout = TimeSpan.FromSeconds(30) })];
    }

    public static async Task<HostChurnTrial> StartAsync(TimeSpan epoch, CancellationToken cancellation)
    {
        ChurnWorkload workload = await ChurnWorkload.StartAsync();
        var options = new DeploymentOptions
        {
            HostCount = Hosts,
            Workload = workload.EndPoint,
            Record = false,
            EpochLength = epoch,
            MirrorRefresh = epoch / 2,
            TokenTarget = 200,
            Quota = 50_000,
            GatewayKeys = new(4 * epoch, Notice: 3 * epoch, Grace: 3 * epoch, Overlap: 2 * epoch),
            Environment = new Dictionary<string, string>
            {
                ["Hosts__RetryAfter"] = "00:00:00.100",
                ["Hosts__VerifyEvery"] = "00:00:01",
                ["Host__EpochLength"] = "00:00:10",
                ["Host__EpochNotice"] = "00:00:02",
                ["Host__EpochGrace"] = "00:00:05",
            },
        };
        var trial = new HostChurnTrial(workload, await Deployment.StartAsync(options, _ => { }, cancellation), epoch);
        try
        {
            foreach (VeilHandler handler in trial._handlers)
                await handler.Tokens!.FillAsync(cancellation);
            return trial;
        }
        catch
        {
            await trial.DisposeAsync();
            throw;
        }
    }

    /// <summary>Restarts two hosts in each of so many epochs.</summary>
    /// <param name="epochs">How many.</param>
    /// <param name="kill">SIGKILL, where SIGTERM lets them drain.</param>
    /// <param name="cancellation">Ends it early.</param>
    public async Task<ChurnCount> RunAsync(int epochs, bool kill, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var outcome = new Outcome(kill ? "kill" : "drain", _failures);
        long before = await EpochAsync(cancellation);
        HashSet<string> known = Identities();
        _restarted = 0;
        Task[] clients = [.. Enumerable.Range(0, Clients).Select(number => AskAsync(number, outcome, kill ? "kill" : "drain", stop.Token))];
        Task<int> keys = WatchKeysAsync(stop.Token);
        Task[] restarts = [.. Enumerable.Repeat(Task.CompletedTask, Hosts)];
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            Task pause = Task.Delay(_epoch, cancellation);
            for (int i = 0; i < Restarted; i++, _next = (_next + 1) % Hosts)
            {
                // Others may be starting still; this one was started three epochs ago.
                await restarts[_next];
                restarts[_next] = RestartAsync(_deployment.Hosts[_next], kill, cancellation);
            }

            await pause;
        }

        await Task.WhenAll(restarts);
        await stop.CancelAsync();
        await Task.WhenAll(clients);
        long after = await EpochAsync(cancellation);
        return new(outcome.Served, outcome.BrokenOff, outcome.Failed, _restarted, (int)(after - before), await keys, Identities().Except(known).Count(), [.. outcome.Reasons.Keys.Order(StringComparer.Ordinal)]);
    }

    /// <summary>When something failed, and what gateway, relay and hosts said that is no mere information: where to look for the reason.</summary>
    public IEnumerable<string> Traces() => _failures.Concat(
        from party in (PartyProcess[])[_deployment.Gateway, _deployment.Relay, .. _deployment.Hosts]
        from line in File.ReadLines(party.OutputFile)
        where !line.Contains(" info ", StringComparison.Ordinal) || line.Contains("Draining", StringComparison.Ordinal) || line.Contains("HostVerified", StringComparison.Ordinal) || line.Contains("Stopped", StringComparison.Ordinal) || line.Contains("KeysChanged", StringComparison.Ordinal)
        select $"{party.Name}: {line}");

    public async ValueTask DisposeAsync()
    {
        foreach (HttpClient client in _clients)
            client.Dispose();
        foreach (VeilHandler handler in _handlers)
            handler.Dispose();
        await _deployment.DisposeAsync();
        await _workload.DisposeAsync();
    }

    private async Task RestartAsync(PartyProcess host, bool kill, CancellationToken cancellation)
    {
        if (kill)
            await host.KillAsync();
        else if (await host.StopAsync() is not 0)
            throw new DevStackException($"{host.Name} did not drain in time.");
        await host.StartAsync(cancellation);
        Interlocked.Increment(ref _restarted);
    }

    /// <summary>Every set of host keys that a head has listed: the records of the fleets that the gateway keeps, each by its hash.</summary>
    private HashSet<string> Identities() =>
    [
        .. Directory.GetFiles(Path.Combine(_deployment.Gateway.Folder, "documents"), "fleet-*").Where(file => !file.EndsWith(".partial", StringComparison.Ordinal))
            .SelectMany(file => File.ReadAllBytes(file).Chunk(SHA256.HashSizeInBytes)).Select(Convert.ToHexString),
    ];

    /// <summary>Asks again and again; every second answer flows.</summary>
    private async Task AskAsync(int number, Outcome outcome, string phase, CancellationToken stop)
    {
        byte[] question = RandomNumberGenerator.GetBytes(2000);
        for (int asked = 0; !stop.IsCancellationRequested; asked++)
        {
            string target = $"/{(asked % 2 is 0 ? "think" : "flow")}?{phase}-{number}-{asked}";
            DateTime asking = DateTime.UtcNow;
            int expected = question.Length * (asked % 2 is 0 ? 1 : ChurnWorkload.Pieces);
            try
            {
                // A request that is under way is seen to its end.
                using HttpResponseMessage answer = await _clients[number].PostAsync(new Uri(_deployment.ServiceUrl, target), new ByteArrayContent(question), CancellationToken.None);
                byte[] content = await answer.Content.ReadAsByteArrayAsync(CancellationToken.None);
                if (answer.StatusCode is HttpStatusCode.OK && content.Length == expected)
                    outcome.Serve();
                else
                    outcome.Fail(_workload.HasBegun(target) && answer.StatusCode is HttpStatusCode.BadGateway, $"status {(int)answer.StatusCode} {ProblemType(content)}", asking);
            }
            catch (Exception failure) when (failure is HttpRequestException or HttpIOException or OperationCanceledException)
            {
                outcome.Fail(_workload.HasBegun(target) && IsNamed(failure), $"{failure.Message} {failure.InnerException?.Message}".TrimEnd(), asking);
            }
        }
    }

    /// <summary>True where the client says itself that the answer broke off, as it does of a body, which HttpClient then wraps.</summary>
    private static bool IsNamed(Exception failure) =>
        failure is VeilException or HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded } || (failure is HttpRequestException && failure.InnerException is { } inner && IsNamed(inner));

    /// <summary>Which problem a refusal names; empty for what is none.</summary>
    private static string ProblemType(byte[] content)
    {
        try
        {
            using JsonDocument problem = JsonDocument.Parse(content);
            return problem.RootElement.GetProperty("type").GetString() ?? "";
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return "";
        }
    }

    private async Task<long> EpochAsync(CancellationToken cancellation)
    {
        using var handler = new VeilHandler(_deployment.ClientOptions());
        return (await handler.GetViewAsync(cancellation)).Standing!.Epoch;
    }

    /// <summary>The OHTTP keys that a client that knows nothing yet is shown.</summary>
    private async Task<int> WatchKeysAsync(CancellationToken stop)
    {
        var seen = new HashSet<string>();
        var roots = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        roots.CustomTrustStore.ImportFromPemFile(_deployment.RootFile);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, SslOptions = { CertificateChainPolicy = roots } });
        while (!stop.IsCancellationRequested)
        {
            seen.Add(Convert.ToHexString(SHA256.HashData(await http.GetByteArrayAsync(_deployment.RelayUrl, CancellationToken.None))));
            await Task.Delay(_epoch / 2, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return seen.Count;
    }

    private sealed class Outcome(string phase, ConcurrentQueue<string> failures)
    {
        private int _served;
        private int _brokenOff;
        private int _failed;

        public int Served => _served;

        public int BrokenOff => _brokenOff;

        public int Failed => _failed;

        public ConcurrentDictionary<string, bool> Reasons { get; } = [];

        public void Serve() => Interlocked.Increment(ref _served);

        public void Fail(bool hadBegun, string reason, DateTime asked)
        {
            failures.Enqueue($"{phase}: asked at {asked:HH:mm:ss.fff}, failed at {DateTime.UtcNow:HH:mm:ss.fff}: {reason}");
            Reasons[reason] = true;
            _ = hadBegun ? Interlocked.Increment(ref _brokenOff) : Interlocked.Increment(ref _failed);
        }
    }
}
