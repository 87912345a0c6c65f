using Veil.ClientSdk;
using Veil.DevStack;

namespace Veil.EndToEnd;

/// <summary>An authority that publishes its first head long after its genesis, as one does whose keys were made a day before its machines: hosts began before there was a log to name.</summary>
public static class LateStartTests
{
    private static readonly TimeSpan Epoch = TimeSpan.FromMinutes(10);

    /// <param name="epochs">How long ago the log might have begun; early or late in an epoch.</param>
    [Theory]
    [InlineData(180.0)]
    [InlineData(180.6)]
    public static async Task Hosts_make_new_claims_when_the_log_begins_and_the_first_head_that_counts_lists_them(double epochs)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        var options = new DeploymentOptions
        {
            Record = false,
            HostCount = 2,
            EpochLength = Epoch,
            LogAge = epochs * Epoch,
            TokenTarget = 4,
            Environment = new Dictionary<string, string> { ["Hosts__VerifyEvery"] = "00:00:01" },
        };
        await using Deployment deployment = await Deployment.StartAsync(options, _ => { }, cancellation);
        using var handler = new VeilHandler(deployment.ClientOptions());

        TrustedView view = await handler.GetViewAsync(cancellation);

        Assert.True(view.Standing!.Epoch >= 180);
        Assert.Equal((view.Standing.Epoch + 1, 2L, 2), (view.Standing.LogSize, view.Standing.FleetTotal, view.Standing.HostsVerified));
        string said = await File.ReadAllTextAsync(deployment.Hosts[0].OutputFile, cancellation);
        Assert.Contains("the authority's log stands still", said, StringComparison.Ordinal);
        Assert.Contains("the authority's log goes on", said, StringComparison.Ordinal);
    }
}
