using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Veil.ClientSdk;
using Veil.DevStack;

namespace Veil.EndToEnd;

/// <summary>All parties at log level Trace, whose files are searched afterwards.</summary>
public sealed class TracingDeploymentFixture : DeploymentFixture
{
    /// <inheritdoc/>
    protected override DeploymentOptions Options => base.Options with
    {
        Record = false,
        Environment = new Dictionary<string, string> { ["Logging__LogLevel__Default"] = "Trace", ["Logging__LogLevel__Microsoft"] = "Trace" },
    };
}

/// <summary>I8: no log line, metric label, trace or error body holds an address, account, token, key, header value or content.</summary>
public sealed class QuietTests(TracingDeploymentFixture fixture) : IClassFixture<TracingDeploymentFixture>
{
    private const int Rounds = 3;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private PartyProcess[] Parties => [fixture.Deployment.Relay, fixture.Deployment.Gateway, fixture.Deployment.Issuer, .. fixture.Deployment.Hosts];

    [Fact]
    public async Task I8_no_canary_of_any_client_field_stands_in_any_log_file_or_metric_of_any_party()
    {
        string[] names = ["header-value", "path", "query", "body", "answer", "user-agent", "cookie", "trace", "scheme-credential", "outer"];
        Dictionary<string, string> canaries = names.ToDictionary(name => name, name => $"canary-{name}-{Guid.NewGuid():N}");
        string wallet = fixture.NewWalletFile();
        IReadOnlyList<byte[]> tokens = await AskAsync(canaries, wallet);
        await SendNonsenseAsync(canaries["outer"]);
        byte[] clientOutput = await RunClientAsync(canaries);

        // What the account is called belongs into the issuer's own store and nowhere else.
        string accountId = fixture.Deployment.ApiKey.Split('-')[1];
        CanaryScan[] scans =
        [
            .. canaries.Values.Select(canary => new CanaryScan(canary)),
            .. tokens.SelectMany(token => new[] { new CanaryScan(token[2..34]), new CanaryScan(token[98..]) }),
            new CanaryScan(fixture.Deployment.ApiKey),
            new CanaryScan($"{fixture.Deployment.Plan.Client}:"),
        ];
        IReadOnlyDictionary<string, byte[]> metrics = await MetricsAsync();
        foreach (PartyProcess party in Parties)
        {
            Assert.Equal(0, await party.StopAsync());
            Assert.True(new FileInfo(party.OutputFile).Length > 0, $"{party.Name} logged nothing at all, so there was nothing to search.");
        }

        IReadOnlyDictionary<string, byte[]> files = Files();
        Assert.Null(Leak(metrics, scans) ?? Leak(files, scans));
        Assert.Null(Leak(metrics, [new CanaryScan(accountId)]) ?? Leak(files.Where(file => file.Key.EndsWith(".log", StringComparison.Ordinal)), [new CanaryScan(accountId)]));
        Assert.Null(Leak([KeyValuePair.Create("veil's standard error", clientOutput)], scans));

        // Planted where a party would leak, the same search finds it.
        await File.AppendAllTextAsync(fixture.Deployment.Gateway.OutputFile, $"2026-01-01T00:00:00Z info Planted {Convert.ToBase64String(Encoding.ASCII.GetBytes($"path=/{canaries["path"]}"))}\n", Cancellation);
        Assert.Contains("gateway", Leak(Files(), scans), StringComparison.Ordinal);
        byte[] label = Encoding.ASCII.GetBytes($"veil_requests{{path=\"{canaries["path"]}\"}} 1\n");
        Assert.Contains("metrics", Leak(metrics.Select(page => KeyValuePair.Create(page.Key, (byte[])[.. page.Value, .. label])), scans), StringComparison.Ordinal);
    }

    /// <summary>Private requests with a canary in every field; returns the tokens that they could spend.</summary>
    private async Task<IReadOnlyList<byte[]>> AskAsync(Dictionary<string, string> canaries, string wallet)
    {
        var handler = new VeilHandler(fixture.Deployment.ClientOptions(wallet));
        await handler.Tokens!.FillAsync(Cancellation);
        IReadOnlyList<byte[]> tokens = WalletTokens.Read(wallet);
        Assert.True(tokens.Count >= 2 * Rounds);
        using var http = new HttpClient(handler);
        for (int round = 0; round < Rounds; round++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, fixture.Url($"/echo/../echo?{canaries["query"]}={canaries["query"]}"))
            {
                Content = new StringContent($"{canaries["body"]} {canaries["answer"]}", new MediaTypeHeaderValue("text/plain")),
            };
            request.Headers.TryAddWithoutValidation("Accept", $"text/{canaries["header-value"]}");
            request.Headers.TryAddWithoutValidation("User-Agent", canaries["user-agent"]);
            request.Headers.TryAddWithoutValidation("Cookie", $"id={canaries["cookie"]}");
            request.Headers.TryAddWithoutValidation("Authorization", $"Basic {canaries["scheme-credential"]}");
            request.Headers.TryAddWithoutValidation("traceparent", $"00-{canaries["trace"]}");
            using HttpResponseMessage answer = await http.SendAsync(request, Cancellation);
            Assert.Contains(canaries["body"], await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
            using HttpResponseMessage missing = await http.GetAsync(fixture.Url($"/{canaries["path"]}/no-such-page"), Cancellation);
        }

        return tokens;
    }

    /// <summary>Requests that no Veil client makes: what is refused must be as quiet as what is served.</summary>
    private async Task SendNonsenseAsync(string canary)
    {
        using HttpClient http = fixture.NewOrdinaryClient();
        foreach (Uri party in new[] { fixture.Deployment.Plan.Relay.Url, fixture.Deployment.Plan.Gateway.Url, fixture.Deployment.Plan.Issuer.Url })
        {
            foreach (string target in new[] { $"{canary}?{canary}", $"token-request?{canary}", $"redeem?{canary}", "gateway", ".well-known/ohttp-gateway" })
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(party, target)) { Content = new StringContent(canary) };
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("message/ohttp-req");
                request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {canary}");
                request.Headers.TryAddWithoutValidation("X-Forwarded-For", canary);
                request.Headers.TryAddWithoutValidation("traceparent", canary);
                using HttpResponseMessage answer = await http.SendAsync(request, Cancellation);
                Assert.False(answer.IsSuccessStatusCode);
                Assert.True(new CanaryScan(canary).FindIn(await answer.Content.ReadAsByteArrayAsync(Cancellation)) is null, $"{party} quotes what it refuses.");
            }
        }
    }

    /// <summary>The veil command with a canary in what it sends; returns what it wrote to standard error, which is all that it logs.</summary>
    private async Task<byte[]> RunClientAsync(Dictionary<string, string> canaries)
    {
        var start = new ProcessStartInfo("dotnet",
        [
            fixture.Deployment.ClientProgram, "request", $"{fixture.Url($"/echo?{canaries["query"]}")}", "--config", fixture.Deployment.ClientConfigFile,
            "--data", canaries["body"], "-H", $"Accept: text/{canaries["header-value"]}",
        ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process veil = Process.Start(start)!;
        Task<string> output = veil.StandardOutput.ReadToEndAsync(Cancellation);
        string errors = await veil.StandardError.ReadToEndAsync(Cancellation);
        await veil.WaitForExitAsync(Cancellation);
        Assert.True(veil.ExitCode == 0, errors);
        Assert.Contains(canaries["body"], await output, StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes(errors);
    }

    private async Task<IReadOnlyDictionary<string, byte[]>> MetricsAsync()
    {
        using var management = new HttpClient();
        var pages = new Dictionary<string, byte[]>();
        foreach ((string party, IPEndPoint at) in fixture.Deployment.ManagementEndPoints)
        {
            pages[$"{party} /metrics"] = await management.GetByteArrayAsync(new Uri($"http://{at}/metrics"), Cancellation);
            Assert.NotEmpty(pages[$"{party} /metrics"]);
        }

        return pages;
    }

    private Dictionary<string, byte[]> Files() => Parties
        .SelectMany(party => Directory.EnumerateFiles(party.Folder, "*", SearchOption.AllDirectories))
        .ToDictionary(file => Path.GetRelativePath(fixture.Deployment.Folder, file), File.ReadAllBytes);

    /// <summary>Where a canary stands and in what form, or null.</summary>
    private static string? Leak(IEnumerable<KeyValuePair<string, byte[]>> searched, CanaryScan[] scans) => searched
        .SelectMany(place => scans.Select(scan => scan.FindIn(place.Value) is { } form ? $"{place.Key} holds a canary ({form})" : null))
        .FirstOrDefault(found => found is not null);
}
