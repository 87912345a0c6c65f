using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Veil.ClientSdk;
using Veil.DevStack;

namespace Veil.EndToEnd;

/// <summary>A deployment whose OHTTP keys live for seconds, with a mirror as far behind them as a minute is behind a day.</summary>
public sealed class RotatingKeysFixture : DeploymentFixture
{
    /// <inheritdoc/>
    protected override DeploymentOptions Options => base.Options with
    {
        EpochLength = null,
        Record = false,
        GatewayKeys = new(TimeSpan.FromSeconds(5), Notice: TimeSpan.FromSeconds(2), Grace: TimeSpan.FromSeconds(5), Overlap: TimeSpan.FromSeconds(4)),
        MirrorRefresh = TimeSpan.FromSeconds(1.5),
    };
}

/// <summary>A rotation is nobody's business but the gateway's: no client that comes at a bad moment is turned away.</summary>
public sealed class RotationTests(RotatingKeysFixture fixture) : IClassFixture<RotatingKeysFixture>
{
    private const int Clients = 3;
    private const int Takeovers = 3;

    /// <summary>Three takeovers are over after at most four epochs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(22);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task New_clients_are_served_all_through_the_rotations_of_the_gateways_keys()
    {
        var mirrored = new ConcurrentDictionary<string, bool>();
        var failures = new ConcurrentQueue<Exception>();
        int[] served = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(() => AskAgainAndAgainAsync(mirrored, failures))));

        Assert.Empty(failures);
        Assert.True(mirrored.Count > Takeovers, $"{mirrored.Count} keys were seen");
        Assert.True(served.Sum() > 20, $"{served.Sum()} requests were served");
    }

    /// <summary>Every request comes from a handler that knows nothing yet, as if each were a new client's.</summary>
    private async Task<int> AskAgainAndAgainAsync(ConcurrentDictionary<string, bool> mirrored, ConcurrentQueue<Exception> failures)
    {
        using HttpClient ordinary = fixture.NewOrdinaryClient();
        string wallet = fixture.NewWalletFile();
        using (var drawing = new VeilHandler(fixture.Deployment.ClientOptions(wallet, tokens: 100)))
        {
            await drawing.Tokens!.FillAsync(Cancellation);
        }

        int served = 0;
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < Patience && mirrored.Count <= Takeovers;)
        {
            try
            {
                mirrored[Convert.ToHexString(await ordinary.GetByteArrayAsync(fixture.Deployment.RelayUrl, Cancellation))] = true;
                using var client = new HttpClient(new VeilHandler(fixture.Deployment.SpendingOnly(wallet)));
                using HttpResponseMessage answer = await client.GetAsync(fixture.Url("/hello"), Cancellation);
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                served++;
            }
            catch (Exception failure) when (failure is HttpRequestException or Xunit.Sdk.XunitException)
            {
                failures.Enqueue(failure);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(250), Cancellation);
        }

        return served;
    }
}
