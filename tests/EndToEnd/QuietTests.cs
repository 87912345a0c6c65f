using System.Net;
using System.Net.Http.Headers;
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
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task I8_no_canary_of_any_client_field_stands_in_any_log_file_or_metric_of_any_party()
    {
        string[] names = ["header-value", "path", "query", "body", "answer", "user-agent", "cookie", "trace", "scheme-credential", "outer"];
        Dictionary<string, string> canaries = names.ToDictionary(name => name, name => $"canary-{name}-{Guid.NewGuid():N}");
        using (HttpClient http = fixture.NewClient())
        {
            for (int round = 0; round < 3; round++)
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
        }

        await SendNonsenseAsync(canaries["outer"]);

        PartyProcess[] parties = [fixture.Deployment.Relay, fixture.Deployment.Gateway, fixture.Deployment.Issuer, .. fixture.Deployment.Hosts];
        CanaryScan[] scans = [.. canaries.Values.Select(canary => new CanaryScan(canary)), new CanaryScan(fixture.Deployment.ApiKey), new CanaryScan($"{fixture.Deployment.Plan.Client}:")];
        var metrics = new Dictionary<string, byte[]>();
        using (var management = new HttpClient())
        {
            foreach ((string party, IPEndPoint at) in fixture.Deployment.ManagementEndPoints)
            {
                byte[] page = await management.GetByteArrayAsync(new Uri($"http://{at}/metrics"), Cancellation);
                Assert.NotEmpty(page);
                metrics[$"{party} /metrics"] = page;
            }
        }

        foreach (PartyProcess party in parties)
        {
            Assert.Equal(0, await party.StopAsync());
            Assert.True(new FileInfo(party.OutputFile).Length > 0, $"{party.Name} logged nothing at all, so there was nothing to search.");
            foreach (string file in Directory.EnumerateFiles(party.Folder, "*", SearchOption.AllDirectories))
            {
                metrics[Path.GetRelativePath(fixture.Deployment.Folder, file)] = await File.ReadAllBytesAsync(file, Cancellation);
            }
        }

        foreach ((string where, byte[] bytes) in metrics)
        {
            foreach (CanaryScan scan in scans)
            {
                Assert.True(scan.FindIn(bytes) is null, $"{where} holds a canary ({scan.FindIn(bytes)}).");
            }
        }
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
}
