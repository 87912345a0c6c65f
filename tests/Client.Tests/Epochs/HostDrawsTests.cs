using System.Text.Json;
using Veil.Attestation;
using Veil.Client.Tests.Exchange;
using Veil.ClientSdk;
using Veil.Common.Tests.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.Client.Tests.Epochs;

/// <summary>Of a large fleet each request has hosts of its own, drawn by the client's coin: nobody chooses them by withholding, and none are kept for a second request.</summary>
public static class HostDrawsTests
{
    private const int Fleet = 66;

    private static readonly EpochHead Head = TestAuthority.Head(1) with { FleetTotal = Fleet };
    private static readonly Lazy<AppraisedHost> Host = new(MakeHost);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public static async Task Each_request_has_a_draw_of_its_own()
    {
        await using FarSide far = await FarSide.StartAsync();
        using EpochServer epochs = Serve(far);
        using HttpClient client = far.Client(hostDrawsAhead: 0);

        for (int i = 0; i < 5; i++)
            Assert.Equal("hello", await (await client.PostAsync(FarSide.Url(), new StringContent("hello"), Stop)).Content.ReadAsStringAsync(Stop));

        Assert.Equal(5, Drawn(epochs).Count);
        Assert.All(Drawn(epochs), indices => Assert.True(indices is [{ } first, { } second] && first != second && indices.All(index => index is >= 0 and < Fleet)));
    }

    /// <summary>From the first on, which no view comes without, and later ones.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public static async Task A_draw_that_is_withheld_is_asked_for_again_and_no_other_made(bool fromTheFirst)
    {
        await using FarSide far = await FarSide.StartAsync();
        using EpochServer epochs = Serve(far);
        using HttpClient client = far.Client(hostDrawsAhead: 0);
        Func<string, byte[], byte[]> honest = epochs.Change;
        if (!fromTheFirst)
            Assert.True((await client.GetAsync(FarSide.Url(), Stop)).IsSuccessStatusCode);
        int before = Drawn(epochs).Count;

        epochs.Change = (path, bytes) => path.Contains("/hosts/", StringComparison.Ordinal) ? [] : bytes;
        for (int i = 0; i < 3; i++)
            Assert.Contains($"({EpochError.WrongFleet})", (await Assert.ThrowsAsync<VeilException>(() => client.GetAsync(FarSide.Url(), Stop))).Message, StringComparison.Ordinal);
        epochs.Change = honest;
        Assert.True((await client.GetAsync(FarSide.Url(), Stop)).IsSuccessStatusCode);

        IReadOnlyList<int[]> withheld = [.. Drawn(epochs).Skip(before)];
        Assert.True(withheld.Count >= 4);
        Assert.Single(withheld.DistinctBy(indices => (indices[0], indices[1])));
        Assert.True((await client.GetAsync(FarSide.Url(), Stop)).IsSuccessStatusCode);
        Assert.NotEqual(withheld[0], Drawn(epochs)[^1]);
    }

    /// <summary>For an epoch two heads stand: showing now one and now the other makes no third draw.</summary>
    [Fact]
    public static async Task A_relay_that_goes_back_and_forth_between_two_heads_gets_no_more_than_a_draw_of_each()
    {
        await using FarSide far = await FarSide.StartAsync();
        using EpochServer epochs = Serve(far);
        using HttpClient client = far.Client(hostDrawsAhead: 0);
        epochs.Change = (path, bytes) => path.Contains("/hosts/", StringComparison.Ordinal) ? [] : bytes;
        byte[] newer = epochs.Package(), older = epochs.Authority.Package(DateTimeOffset.UtcNow, far.Mirror, EpochServer.Now).Encode();
        for (int i = 0; i < 6; i++)
        {
            epochs.MirrorInstead = () => i % 2 is 0 ? newer : older;
            await Assert.ThrowsAsync<VeilException>(() => client.GetAsync(FarSide.Url(), Stop));
        }

        string[] asked = [.. epochs.Asked.Where(path => path.Contains("/hosts/", StringComparison.Ordinal))];
        Assert.InRange(asked.Length, 6, 12);
        Assert.Equal(2, asked.Distinct().Count());
    }

    [Fact]
    public static async Task A_request_that_fails_before_it_leaves_keeps_its_draw_for_the_next()
    {
        await using FarSide far = await FarSide.StartAsync();
        using EpochServer epochs = Serve(far);
        using HttpClient client = far.Client(tokens: true, hostDrawsAhead: 0);
        far.OnIssuer = context =>
        {
            context.Response.StatusCode = 503;
            return Task.FromResult(true);
        };
        for (int i = 0; i < 3; i++)
            await Assert.ThrowsAsync<VeilException>(() => client.GetAsync(FarSide.Url(), Stop));
        far.OnIssuer = _ => Task.FromResult(false);
        Assert.True((await client.GetAsync(FarSide.Url(), Stop)).IsSuccessStatusCode);
        Assert.Single(Drawn(epochs));
    }

    [Fact]
    public static async Task Draws_are_fetched_ahead_until_another_epochs_fleet_is_used()
    {
        int fetched = 0;
        using HostDraws draws = Draws(ahead: 3, _ => Interlocked.Increment(ref fetched));
        await draws.PeekAsync(Stop);
        while (Volatile.Read(ref fetched) < 4)
            await Task.Delay(1, Stop);
        await Task.Delay(20, Stop);
        Assert.Equal(4, fetched);

        draws.Dispose();
        for (int i = 0; i < 4; i++)
            await UseAsync(draws);
        Assert.Equal(4, fetched);
        await UseAsync(draws);
        Assert.Equal(5, fetched);
    }

    [Fact]
    public static async Task Who_stops_waiting_leaves_the_draw_to_the_next()
    {
        var slow = new TaskCompletionSource<IReadOnlyList<AppraisedHost>>();
        var asked = new List<IReadOnlyList<int>>();
        using HostDraws draws = new(Head, Settings(ahead: 0), TimeProvider.System, indices =>
        {
            asked.Add(indices);
            return slow.Task;
        });
        using var impatient = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => draws.TakeAsync(impatient.Token));

        slow.SetResult([Host.Value]);
        await UseAsync(draws);
        Assert.Single(asked);
        await UseAsync(draws);
        Assert.Equal(2, asked.Count);
    }

    [Fact]
    public static async Task No_host_is_drawn_more_than_another()
    {
        const int Takes = 20_000;
        int[] times = new int[Fleet];
        using HostDraws draws = Draws(ahead: 0, indices =>
        {
            foreach (int index in indices)
                times[index]++;
        });
        for (int i = 0; i < Takes; i++)
            await UseAsync(draws);

        // Six times the deviation of a fair coin: one failure in half a billion runs for each host.
        const double Mean = (double)Takes * HostDraws.HostsPerDraw / Fleet;
        Assert.Equal(Takes * HostDraws.HostsPerDraw, times.Sum());
        Assert.All(times, count => Assert.InRange(count, Mean - (6 * Math.Sqrt(Mean)), Mean + (6 * Math.Sqrt(Mean))));
    }

    private static async Task UseAsync(HostDraws draws)
    {
        using DrawnHosts drawn = await draws.TakeAsync(Stop);
        drawn.Use();
    }

    private static HostDraws Draws(int ahead, Action<IReadOnlyList<int>> onFetch) => new(Head, Settings(ahead), TimeProvider.System, indices =>
    {
        onFetch(indices);
        return Task.FromResult<IReadOnlyList<AppraisedHost>>([Host.Value]);
    });

    private static VeilOptions Settings(int ahead) => new() { HostDrawsAhead = ahead, HostDrawDelay = TimeSpan.Zero };

    private static AppraisedHost MakeHost()
    {
        HostRecord record = EpochServer.Host(1);
        byte[] policy = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
        {
            ["v"] = 1,
            ["service"] = FarSide.Service,
            ["kinds"] = new Dictionary<string, object> { ["sev-snp"] = new { trusted_roots = new[] { EpochServer.RootDigits }, measurements = new[] { EpochServer.MeasurementDigits } } },
        });
        Assert.True(AppraisalPolicy.TryParse(policy, out AppraisalPolicy? parsed, out _));
        Assert.True(AppraisedHost.TryAppraise(record, parsed, DateTimeOffset.UtcNow, out AppraisedHost? host, out Verdict verdict), verdict.ToString());
        return host;
    }

    private static EpochServer Serve(FarSide far)
    {
        EpochServer epochs = far.Epochs = new EpochServer(far);
        epochs.Hosts = [.. Enumerable.Range(1, Fleet).Select(number => EpochServer.Host((byte)number))];
        return epochs.UpTo();
    }

    private static IReadOnlyList<int[]> Drawn(EpochServer epochs) =>
        [.. epochs.Asked.Where(path => path.Contains("/hosts/", StringComparison.Ordinal)).Select(path => path.Split('/')[^1].Split(',').Select(int.Parse).ToArray())];
}
