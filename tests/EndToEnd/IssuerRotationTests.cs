using Veil.DevStack;

namespace Veil.EndToEnd;

/// <summary>A deployment whose token keys live for seconds, and whose parties look as often as days are to minutes.</summary>
public class RotatingIssuerFixture : DeploymentFixture
{
    /// <inheritdoc/>
    protected override DeploymentOptions Options => base.Options with
    {
        EpochLength = null,
        Record = false,
        Quota = 1_000_000,
        IssuerKeys = new(TimeSpan.FromSeconds(10), Notice: TimeSpan.FromSeconds(8), Grace: TimeSpan.FromSeconds(10), Overlap: TimeSpan.FromSeconds(5)),
        DirectoryRefresh = TimeSpan.FromSeconds(1),
        ViewLifetime = TimeSpan.FromSeconds(2),
        RefillDelay = TimeSpan.Zero,
        RedemptionTimeout = TimeSpan.FromSeconds(30),
    };
}

/// <summary>Token keys come and go under clients that draw and spend at full speed: no request fails, and no token is refused that is good.</summary>
public sealed class IssuerRotationTests(RotatingIssuerFixture fixture) : IClassFixture<RotatingIssuerFixture>
{
    private const int Clients = 4;
    private const int Takeovers = 3;

    /// <summary>Few enough to be spent long before their key's grace is over.</summary>
    private const int TokensAtATime = 8;

    /// <summary>A takeover comes every ten seconds; a busy machine gets more.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Three_rotations_under_load_fail_no_request_and_refuse_no_token()
    {
        await using var crowd = new SpendingCrowd(fixture, Clients, TokensAtATime);

        IReadOnlyList<(ushort, string)> active = await crowd.WatchActiveKeyAsync(seen => seen.Count > Takeovers, Patience);
        await crowd.StopAsync();

        Assert.True(!crowd.Failures.Any(), await crowd.DescribeAsync());
        Assert.Equal(Takeovers + 1, active.Count);
        Assert.True(crowd.Served > 50, $"{crowd.Served} requests were served.");
        Assert.Equal(new Dictionary<string, long> { ["Accepted"] = crowd.Served }, await crowd.VerdictsAsync());
    }
}
