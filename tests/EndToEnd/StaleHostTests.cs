using System.Net;
using System.Text.Json.Nodes;
using Veil.DevStack;
using Veil.Transparency.Epochs;

namespace Veil.EndToEnd;

/// <summary>Three hosts whose claims live for seconds.</summary>
public sealed class ShortClaimsFixture : DeploymentFixture
{
    internal static readonly TimeSpan Epoch = TimeSpan.FromSeconds(3);

    /// <summary>Claims hold to the end of the next, and a grace. The shortest that hosts have.</summary>
    internal static readonly TimeSpan HostEpoch = TimeSpan.FromSeconds(10);

    internal static readonly TimeSpan HostNotice = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override DeploymentOptions Options => base.Options with
    {
        HostCount = 3,
        Record = false,
        EpochLength = Epoch,
        MirrorRefresh = Epoch / 2,
        RefillDelay = TimeSpan.Zero,
        GatewayKeys = new(4 * Epoch, Notice: 3 * Epoch, Grace: 3 * Epoch, Overlap: 2 * Epoch),
        Environment = new Dictionary<string, string>
        {
            ["Hosts__RetryAfter"] = "00:00:00.100",
            ["Hosts__VerifyEvery"] = "00:00:01",
            ["Host__EpochLength"] = $"{HostEpoch:c}",
            ["Host__EpochNotice"] = $"{HostNotice:c}",
            ["Host__EpochGrace"] = "00:00:01",
        },
    };
}

/// <summary>A host that runs as ever and cannot renew its evidence: it attests to nothing without the authority's log, and the way there is cut.</summary>
public sealed class StaleHostTests(ShortClaimsFixture fixture) : IClassFixture<ShortClaimsFixture>
{
    private const int Clients = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Deployment Deployment => fixture.Deployment;

    [Fact]
    public async Task A_host_whose_claims_end_is_in_no_head_that_outlives_them_and_gets_no_request_until_it_has_renewed_them_and_no_request_fails()
    {
        using HttpClient ordinary = fixture.NewOrdinaryClient();
        var heads = new PublishedHeads(Deployment, ordinary);
        Assert.True(TrustBundle.TryParse(await File.ReadAllBytesAsync(Deployment.BundleFile, Cancellation), out TrustBundle? bundle, out _));
        await using TestWorkload apart = await TestWorkload.StartAsync();
        using var route = new ClosableRoute(Deployment.Plan.Log.Public);

        // 1. The first host begins anew with a workload and a way to the log of its own: it is listed, and has its share of the requests.
        EpochHead full = await UntilAsync(async () => (await heads.ReadAsync()).LastOrDefault(head => head.FleetTotal is 3));
        HashSet<string> others = [.. heads.Fleet(full).Select(host => host.Guest)];
        await RestartAsync(Deployment.Hosts[0], apart.EndPoint, route.EndPoint);
        string guest = await UntilAsync(async () => heads.Fleet((await heads.ReadAsync())[^1]).FirstOrDefault(host => !others.Contains(host.Guest))?.Guest);
        await using var clients = new SteadyClients(await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => fixture.NewClientAsync(tokens: 40))), fixture.Url("/hello"));
        await UntilAsync(() => Task.FromResult(apart.Heads.IsEmpty ? null : apart));

        // 2. Cut from the log while it has no other claims than those in force. The last head that lists it is the last that they outlive; the next does without.
        await AwayFromNoticeAsync();
        route.Close();
        long cut = await heads.SizeAsync();
        EpochHead without = await UntilAsync(async () => (await heads.ReadAsync()).FirstOrDefault(head => head.Epoch >= cut && !heads.Fleet(head).Any(host => host.Guest == guest)));
        EpochHead[] published = await heads.ReadAsync();
        DateTimeOffset end = published.SelectMany(heads.Fleet).Where(host => host.Guest == guest).Max(host => host.Claims.NotAfter);
        Assert.Contains(heads.Fleet(published[without.Epoch - 1]), host => host.Guest == guest);
        Assert.True(end > bundle.Epochs.StartOf(without.Epoch + 1), "it was listed by a head that outlived its claims");
        Assert.True(end <= bundle.Epochs.StartOf(without.Epoch + 2), "it was left out while its claims outlived the head");

        // 3. From their end on nothing is sent to it, though it runs, and the others serve.
        await UntilTimeAsync(end + (ShortClaimsFixture.Epoch / 2));
        (int asked, int served) = (apart.Heads.Count, clients.Served);
        await UntilTimeAsync(end + (1.5 * ShortClaimsFixture.Epoch));
        await UntilAsync(() => Task.FromResult(clients.Served > served + (2 * Clients) ? clients : null));
        Assert.Equal(asked, apart.Heads.Count);
        Assert.True(Deployment.Hosts[0].IsRunning);
        published = await heads.ReadAsync();
        Assert.All(published[(int)without.Epoch..], head => Assert.DoesNotContain(heads.Fleet(head), host => host.Guest == guest));

        // 4. The way is open again: it renews, is listed with what it made then, and is asked.
        DateTimeOffset opened = DateTimeOffset.UtcNow;
        route.Open();
        ListedHost back = await UntilAsync(async () => heads.Fleet((await heads.ReadAsync())[^1]).FirstOrDefault(host => host.Guest == guest));
        Assert.True(back.Claims.NotBefore > opened.AddSeconds(-1), "it came back with claims of before");
        await UntilAsync(() => Task.FromResult(apart.Heads.Count > asked ? apart : null));

        await clients.StopAsync();
        Assert.Empty(clients.Failures);
    }

    private static async Task RestartAsync(PartyProcess host, IPEndPoint workload, IPEndPoint log)
    {
        string file = Path.Combine(host.Folder, "appsettings.json");
        JsonNode settings = JsonNode.Parse(await File.ReadAllTextAsync(file, Cancellation))!;
        settings["Host"]!["Workload"] = $"http://{workload}/";
        settings["Log"]!["Url"] = $"https://{log}/";
        await File.WriteAllTextAsync(file, settings.ToJsonString(), Cancellation);
        await host.StopAsync();
        await host.StartAsync(Cancellation);
    }

    /// <summary>Hosts make the next claims a notice before their epoch: waits until none are under way.</summary>
    private static async Task AwayFromNoticeAsync()
    {
        long length = ShortClaimsFixture.HostEpoch.Ticks;
        DateTimeOffset now = DateTimeOffset.UtcNow;
        var next = new DateTimeOffset(((now.UtcTicks / length) + 1) * length, TimeSpan.Zero);
        if (next - now < 2 * ShortClaimsFixture.HostNotice)
            await UntilTimeAsync(next + (ShortClaimsFixture.HostNotice / 2));
    }

    private static async Task UntilTimeAsync(DateTimeOffset time)
    {
        TimeSpan left = time - DateTimeOffset.UtcNow;
        if (left > TimeSpan.Zero)
            await Task.Delay(left, Cancellation);
    }

    private static async Task<T> UntilAsync<T>(Func<Task<T?>> look)
        where T : class
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(Patience);
        while (true)
        {
            if (await look() is { } found)
                return found;
            await Task.Delay(100, patience.Token);
        }
    }
}
