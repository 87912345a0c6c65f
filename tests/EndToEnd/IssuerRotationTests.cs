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

/// <summary>The same with a log: every key stands in a head before the one whose epoch uses it, and clients take a view for as long as its head stands.</summary>
public sealed class LoggedRotatingIssuerFixture : RotatingIssuerFixture
{
    private static readonly TimeSpan Epoch = TimeSpan.FromSeconds(4);

    /// <inheritdoc/>
    /// <remarks>
    /// A view may be of a head that was made two epochs ago, from a directory that the gateway read a refresh before: a key that is announced three epochs and a half ahead is
    /// known to everyone who uses it, and was in the head before.
    /// </remarks>
    protected override DeploymentOptions Options => base.Options with
    {
        EpochLength = Epoch,
        MirrorRefresh = Epoch / 4,
        GatewayKeys = new(4 * Epoch, Notice: 3 * Epoch, Grace: 3 * Epoch, Overlap: 2 * Epoch),
        IssuerKeys = new(4 * Epoch, Notice: 3.5 * Epoch, Grace: 4 * Epoch, Overlap: 2 * Epoch),
        ViewLifetime = null,
    };
}

/// <summary>Token keys come and go under clients that draw and spend at full speed: no request fails, and no token is refused that is good.</summary>
public abstract class IssuerRotationTests(DeploymentFixture fixture)
{
    private const int Clients = 4;
    private const int Takeovers = 3;

    /// <summary>Few enough to be spent long before their key's grace is over.</summary>
    private const int TokensAtATime = 8;

    /// <summary>Tokens that are kept until their key is in grace, at each takeover.</summary>
    private const int KeptTokens = 6;

    /// <summary>A takeover comes every ten seconds, or every sixteen; a busy machine gets more.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Three_rotations_under_load_fail_no_request_and_refuse_no_token()
    {
        await using var crowd = new SpendingCrowd(fixture, Clients, TokensAtATime);

        Task<IReadOnlyList<(ushort, string)>> watching = crowd.WatchActiveKeyAsync(seen => seen.Count > Takeovers, Patience);
        int inGrace = 0;
        for (int takeover = 0; takeover < Takeovers; takeover++)
        {
            inGrace += await crowd.SpendInGraceAsync(KeptTokens, Patience);
        }

        IReadOnlyList<(ushort, string)> active = await watching;
        await crowd.StopAsync();

        Assert.True(!crowd.Failures.Any(), await crowd.DescribeAsync());
        Assert.Equal(Takeovers + 1, active.Count);
        Assert.Equal(Takeovers * KeptTokens, inGrace);
        Assert.True(crowd.Served > 50 + inGrace, $"{crowd.Served} requests were served.");
        Assert.Equal(new Dictionary<string, long> { ["Accepted"] = crowd.Served }, await crowd.VerdictsAsync());
    }
}

/// <summary>Clients of an authority without a log.</summary>
public sealed class IssuerRotationWithoutLogTests(RotatingIssuerFixture fixture) : IssuerRotationTests(fixture), IClassFixture<RotatingIssuerFixture>;

/// <summary>Clients of an authority with a log.</summary>
public sealed class IssuerRotationWithLogTests(LoggedRotatingIssuerFixture fixture) : IssuerRotationTests(fixture), IClassFixture<LoggedRotatingIssuerFixture>;
