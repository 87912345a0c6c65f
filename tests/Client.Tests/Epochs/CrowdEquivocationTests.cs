using System.Net;
using Veil.Client.Tests.Exchange;
using Veil.ClientSdk;
using Veil.Log.Tests.Monitoring;
using Veil.Transparency.Epochs;
using Veil.TransparencyLog.Monitoring;

namespace Veil.Client.Tests.Epochs;

/// <summary>
/// Relay, gateway and authority together pick one client of a thousand by its address, and show it a head that the log holds, signed and cosigned like all others; everyone else
/// sees the log as it was before.
/// </summary>
public sealed class CrowdEquivocationTests(Crowd crowd) : IClassFixture<Crowd>
{
    /// <summary>Among all others, neither first nor last.</summary>
    private const int Picked = 617;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("another OHTTP key")]
    [InlineData("another issuer key")]
    [InlineData("another challenge")]
    [InlineData("another policy")]
    [InlineData("an omitted host")]
    public async Task Of_a_thousand_clients_the_one_that_is_lied_to_refuses_by_name_before_anything_is_sent_and_the_monitor_reports_it(string lie)
    {
        // 1. An honest log, which whoever monitors has nothing to say about; then a second head of this epoch behind it.
        (FarSide far, EpochServer honest) = (crowd.Far, crowd.Honest);
        far.ShownToOne = null;
        EpochServer lying = honest.Fork();
        using var log = new MirrorInMemory(honest.Authority) { Now = DateTimeOffset.UtcNow };
        using var http = new HttpClient(log, disposeHandler: false);
        var monitor = new LogMonitor(new LogReader(MirrorInMemory.Address, http), honest.Authority.Bundle, [], null, TimeProvider.System);
        Assert.Empty(await monitor.LookAsync(Stop));
        EpochLies.Tell(far, lying, lie);

        // 2. A thousand ask, and one is shown it.
        using VeilHandler one = crowd.NewClient(out IPAddress address);
        using var client = new HttpClient(one, disposeHandler: false);
        far.ShownToOne = (address, lying);
        far.Outer.Clear();
        crowd.Later();
        VeilException? refusal = null;
        var held = new Crowd.HeldView?[Crowd.Size];
        var atOnce = new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Stop };
        await Parallel.ForAsync(0, Crowd.Size + 1, atOnce, async (number, stop) =>
        {
            int other = number < Picked ? number : number - 1;
            if (number is Picked)
                refusal = await Assert.ThrowsAsync<VeilException>(() => client.GetAsync(FarSide.Url("/secret"), stop));
            else
                held[other] = await crowd.LookAsync(other, stop);
        });

        // 3. It refuses, by the name of the rule; nothing of it left but the question for what the relay shows to everyone.
        Assert.Equal((VeilFailure.EpochRefused, Hop.Relay), (refusal!.Failure, refusal.Hop));
        Assert.Contains($"({EpochError.EpochMismatch})", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["GET /gateway"], far.Outer.Where(seen => seen.From.Equals(address)).Select(seen => seen.Line));
        Assert.Empty(far.Inner);
        Assert.Equal(0, far.Issued);
        Assert.Null(crowd.Seen(address));

        // 4. All others asked as well, and hold one thing: the honest head and what hangs from it. They wrote down one log, whose root names every head.
        IPAddress[] others = [.. far.Outer.Where(asked => asked.Line is "GET /gateway").Select(asked => asked.From).Distinct().Where(from => !from.Equals(address))];
        Assert.Equal(Crowd.Size, others.Length);
        Assert.All(held, view => Assert.Equal(crowd.HonestView(), view));
        Assert.Equal([$"{honest.Authority.Size} {Convert.ToBase64String(honest.Authority.Root(honest.Authority.Size))}\n"], others.Select(crowd.Seen).Distinct());

        // 5. The monitor follows the same log to where the lie stands.
        log.Authority = lying.Authority;
        Finding finding = Assert.Single(await monitor.LookAsync(Stop));
        Assert.Equal((FindingKind.EpochMismatch, EpochServer.Now + 1), (finding.Kind, finding.Index));

        // 6. It was the lie that was refused: shown what all others are, the one holds what they hold.
        far.ShownToOne = null;
        Assert.Equal(crowd.HonestView(), await crowd.LookAsync(one, Stop));
    }
}
