using System.Net;
using Veil.ClientSdk;
using Veil.DevStack;
using Veil.Transparency.Epochs;

namespace Veil.EndToEnd;

/// <summary>Two gateways of one authority, with epochs of seconds.</summary>
public sealed class ReplicatedGatewayFixture : DeploymentFixture
{
    internal static readonly TimeSpan Epoch = TimeSpan.FromSeconds(4);

    /// <inheritdoc/>
    protected override DeploymentOptions Options => base.Options with
    {
        HasReplica = true,
        Record = false,
        EpochLength = Epoch,
        MirrorRefresh = Epoch / 4,
        GatewayKeys = new(4 * Epoch, Notice: 3 * Epoch, Grace: 3 * Epoch, Overlap: 2 * Epoch),
    };
}

/// <summary>One replica publishes, all serve what it published, and another takes its place when it dies.</summary>
public sealed class GatewayReplicaTests(ReplicatedGatewayFixture fixture) : IClassFixture<ReplicatedGatewayFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Deployment Deployment => fixture.Deployment;

    [Fact]
    public async Task A_replica_takes_over_when_the_publisher_is_killed_and_keeps_the_place_when_it_comes_back()
    {
        // 1. One holder for epoch after epoch; both serve.
        string first = Holder();
        long size = await SizeAsync();
        await UntilAsync(async () => await SizeAsync() >= size + 2);
        Assert.Equal(first, Holder());
        await AskAsync(Deployment.RelayUrl);
        await AskAsync(Deployment.ReplicaUrl);

        // 2. Killed: no epoch is left out, for heads stand at the index of their epoch, and clients of the other replica notice nothing.
        await Deployment.Gateway.KillAsync();
        size = await SizeAsync();
        await UntilAsync(async () => await SizeAsync() >= size + 2);
        string second = Holder();
        Assert.NotEqual(first, second);
        await AskAsync(Deployment.ReplicaUrl);

        // 3. Back again: it serves, and publishes nothing.
        await Deployment.Gateway.StartAsync(Cancellation);
        size = await SizeAsync();
        await UntilAsync(async () => await SizeAsync() >= size + 2);
        Assert.Equal(second, Holder());
        await UntilAsync(async () => (await StatusAsync(Deployment.RelayUrl)) is HttpStatusCode.OK);
        await AskAsync(Deployment.RelayUrl);

        // 4. Stopped: it gives the place up, so that the other need not wait.
        Assert.Equal(0, await Deployment.Replica!.StopAsync());
        Assert.Empty(await File.ReadAllTextAsync(LeaseFile, Cancellation));
        size = await SizeAsync();
        await UntilAsync(async () => await SizeAsync() >= size + 2);
        Assert.NotEqual(second, Holder());
        await AskAsync(Deployment.RelayUrl);
    }

    /// <summary>Nobody learns in the heads that fill a pause what was not public before it: what is new begins with the epoch that runs.</summary>
    [Fact]
    public async Task A_pause_is_filled_with_what_was_public_before_it_and_clients_go_on()
    {
        await AskAsync(Deployment.RelayUrl);
        foreach (PartyProcess gateway in new[] { Deployment.Gateway, Deployment.Replica! })
        {
            if (gateway.IsRunning)
                await gateway.StopAsync();
        }

        int before = (int)await SizeAsync() - 1;
        string release = Directory.GetFiles(Deployment.ReleasesFolder)[0];
        string[] note = await File.ReadAllLinesAsync(release, Cancellation);
        await File.WriteAllLinesAsync(release, [.. note, note[^1]], Cancellation);
        await Task.Delay(4 * ReplicatedGatewayFixture.Epoch, Cancellation);
        await Deployment.Gateway.StartAsync(Cancellation);
        await Deployment.Replica!.StartAsync(Cancellation);
        await UntilAsync(async () => await SizeAsync() > before + 3);

        EpochHead[] heads = await HeadsAsync();
        int changed = Array.FindIndex(heads, head => !head.Releases.Span.SequenceEqual(heads[before].Releases.Span) && head.Epoch > before);
        Assert.InRange(changed, before + 3, heads.Length - 1);
        Assert.All(heads[before..changed], head => Assert.True(head.NamesTheSameAs(heads[before])));

        // Keys that came with the pause are used an epoch after they were announced.
        await UntilAsync(async () => await CanAskAsync(Deployment.RelayUrl));
    }

    /// <summary>A view is used for its epoch and the next, and draws hosts of it all the while.</summary>
    [Fact]
    public async Task A_gateway_that_starts_serves_the_epochs_again_that_clients_have_a_view_of()
    {
        await UntilAsync(async () => await CanAskAsync(Deployment.RelayUrl));
        using var handler = new VeilHandler(Deployment.ClientOptions(relayUrl: Deployment.RelayUrl));
        using var client = new HttpClient(handler);
        long epoch = (await handler.GetViewAsync(Cancellation)).Standing!.Epoch;
        var hosts = new Uri($"https://{Deployment.Authority}/.well-known/veil/epochs/{epoch}/hosts");
        byte[] before = await client.GetByteArrayAsync(hosts, Cancellation);

        await Deployment.Gateway.StopAsync();
        await Deployment.Gateway.StartAsync(Cancellation);

        Assert.Equal(before, await client.GetByteArrayAsync(hosts, Cancellation));
    }

    private async Task<bool> CanAskAsync(Uri relay)
    {
        try
        {
            await AskAsync(relay);
            return true;
        }
        catch (VeilException)
        {
            return false;
        }
    }

    private string LeaseFile => Path.Combine(Deployment.Gateway.Folder, "documents", "publisher");

    private string Holder()
    {
        // The file is its writer's alone for a moment.
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                return File.ReadAllText(LeaseFile).Split(' ')[0];
            }
            catch (IOException) when (attempt < 50)
            {
                Thread.Sleep(20);
            }
        }
    }

    private async Task<EpochHead[]> HeadsAsync()
    {
        using HttpClient ordinary = fixture.NewOrdinaryClient();
        return await new PublishedHeads(Deployment, ordinary).ReadAsync();
    }

    private async Task<long> SizeAsync()
    {
        using HttpClient ordinary = fixture.NewOrdinaryClient();
        return await new PublishedHeads(Deployment, ordinary).SizeAsync();
    }

    private async Task<HttpStatusCode> StatusAsync(Uri relay)
    {
        using HttpClient ordinary = fixture.NewOrdinaryClient();
        using HttpResponseMessage keys = await ordinary.GetAsync(relay, Cancellation);
        return keys.StatusCode;
    }

    /// <summary>A request of a client that knows nothing yet, and shares no memory with the others: a replica may be half a second behind another.</summary>
    private async Task AskAsync(Uri relay)
    {
        using var client = new HttpClient(new VeilHandler(Deployment.ClientOptions(fixture.NewWalletFileOfItsOwn(), tokens: 4, relayUrl: relay)));
        using HttpResponseMessage answer = await client.GetAsync(fixture.Url("/hello"), Cancellation);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(10 * ReplicatedGatewayFixture.Epoch);
        while (!await condition())
            await Task.Delay(200, patience.Token);
    }
}
