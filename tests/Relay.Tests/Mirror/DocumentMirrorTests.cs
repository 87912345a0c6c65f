using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Veil.Relay.Gateways;
using Veil.Relay.Tests.Rig;

namespace Veil.Relay.Tests.Mirror;

public sealed class DocumentMirrorTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    [Fact]
    public async Task Everyone_gets_the_same_bytes_and_fields_and_no_request_of_a_client_reaches_the_gateway()
    {
        int fetches = 0;
        await using AppGateway gateway = await AppGateway.StartAsync(_certificates, AppGateway.Answer("answer"), () => $"keys {Interlocked.Increment(ref fetches)}");
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url);
        await FetchedAsync(relay);
        var seen = new HashSet<string>();
        for (int i = 0; i < 5; i++)
        {
            using HttpClient client = relay.NewClient(i % 2 == 0 ? HttpVersion.Version20 : HttpVersion.Version11);
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/g?me={i}") { Version = client.DefaultRequestVersion };
            request.Headers.TryAddWithoutValidation("User-Agent", $"client {i}");
            request.Headers.TryAddWithoutValidation("If-None-Match", $"\"{i}\"");
            using HttpResponseMessage answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
            answer.Headers.Date = null;
            IEnumerable<string> fields = answer.Headers.Concat(answer.Content.Headers).Select(field => $"{field.Key}: {string.Join(", ", field.Value)}").Order(StringComparer.Ordinal);
            seen.Add($"{answer.StatusCode}\n{string.Join('\n', fields)}\n{await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
        }
        Assert.Equal("OK\nCache-Control: public, max-age=60\nContent-Length: 6\nContent-Type: application/ohttp-keys\nVary: Accept\nkeys 1", Assert.Single(seen));
        Assert.Equal(1, fetches);
    }

    [Fact]
    public async Task New_keys_are_taken_up_without_a_restart()
    {
        string keys = "old";
        await using AppGateway gateway = await AppGateway.StartAsync(_certificates, AppGateway.Answer("answer"), () => keys);
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url, "2", "--Relay:MirrorRefresh=00:00:01");
        using HttpClient client = relay.NewClient();
        await FetchedAsync(relay);
        Assert.Equal("old", await client.GetStringAsync("/g", TestContext.Current.CancellationToken));
        keys = "new";
        await UntilAsync(() => Mirrored(relay) == "new");
        Assert.Equal("new", await client.GetStringAsync("/g", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Without_keys_the_answer_is_a_503_and_the_log_names_the_gateway()
    {
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, new Uri("https://127.0.0.1:1/"));
        using HttpClient client = relay.NewClient();
        using HttpResponseMessage answer = await client.GetAsync("/g", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.ToString());
        await UntilAsync(() => relay.Log.Contains("cannot fetch the keys of gateway g: Unreachable", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Keys_past_the_stale_limit_are_not_given_out()
    {
        await using AppGateway gateway = await AppGateway.StartAsync(_certificates, AppGateway.Answer("answer"));
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url);
        await FetchedAsync(relay);
        Gateway mirrored = relay.App.Services.GetRequiredService<GatewayTable>().All.Single();
        mirrored.Keys.Copy = mirrored.Keys.Copy! with { FetchedAt = DateTimeOffset.UtcNow.AddHours(-2) };
        using HttpClient client = relay.NewClient();
        using HttpResponseMessage answer = await client.GetAsync("/g", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }

    [Fact]
    public async Task The_epoch_is_mirrored_beside_the_keys_byte_for_byte()
    {
        await using AppGateway gateway = await AppGateway.StartAsync(_certificates, AppGateway.Answer("answer"), epoch: () => "epoch 7");
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url, "2", "--Relay:Gateways:g:MirrorEpoch=true");
        await UntilAsync(() => relay.App.Services.GetRequiredService<GatewayTable>().All.Single().Documents.All(document => document.Copy is not null));
        using HttpClient client = relay.NewClient();
        using HttpResponseMessage epoch = await AskForEpochAsync(client);
        Assert.Equal("epoch 7", await epoch.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(MediaTypes.Epoch, epoch.Content.Headers.ContentType!.ToString());
        Assert.Equal("Accept", Assert.Single(epoch.Headers.Vary));
        Assert.True(epoch.Headers.CacheControl!.NoCache);
        Assert.Equal("keys", await client.GetStringAsync("/g", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_gateway_that_answers_with_something_else_has_no_epoch_and_its_keys_are_mirrored_all_the_same()
    {
        await using AppGateway gateway = await AppGateway.StartAsync(_certificates, AppGateway.Answer("answer"));
        await using RunningRelay relay = await RunningRelay.StartAsync(_certificates, gateway.Url, "2", "--Relay:Gateways:g:MirrorEpoch=true");
        await FetchedAsync(relay);
        await UntilAsync(() => relay.Log.Contains("cannot fetch the epoch of gateway g: WrongMediaType", StringComparison.Ordinal));
        using HttpClient client = relay.NewClient();
        using HttpResponseMessage answer = await AskForEpochAsync(client);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("urn:veil:problem:relay:no-epoch", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal("keys", await client.GetStringAsync("/g", TestContext.Current.CancellationToken));
    }

    public void Dispose() => _certificates.Dispose();

    private static Task<HttpResponseMessage> AskForEpochAsync(HttpClient client)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/g") { Version = client.DefaultRequestVersion };
        request.Headers.TryAddWithoutValidation("Accept", MediaTypes.Epoch);
        return client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static Task FetchedAsync(RunningRelay relay) => UntilAsync(() => Mirrored(relay) is not null);

    private static string? Mirrored(RunningRelay relay) =>
        relay.App.Services.GetRequiredService<GatewayTable>().All.Single().Keys.Copy is { } keys ? System.Text.Encoding.ASCII.GetString(keys.Bytes.Span) : null;

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(20, TestContext.Current.CancellationToken);
    }
}
