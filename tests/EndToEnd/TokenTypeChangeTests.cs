using Veil.DevStack;
using Veil.PrivacyPass;

namespace Veil.EndToEnd;

/// <summary>The same with epochs that outlast a restart of the issuer: only so does its configuration change.</summary>
public sealed class ChangingTypeFixture : RotatingIssuerFixture
{
    /// <inheritdoc/>
    protected override DeploymentOptions Options => base.Options with
    {
        EpochLength = null,
        IssuerKeys = new(TimeSpan.FromSeconds(16), Notice: TimeSpan.FromSeconds(12), Grace: TimeSpan.FromSeconds(16), Overlap: TimeSpan.FromSeconds(6)),
    };
}

/// <summary>Another token type comes into force under clients that draw and spend at full speed, at one instant for all of them.</summary>
public sealed class TokenTypeChangeTests(ChangingTypeFixture fixture) : IClassFixture<ChangingTypeFixture>
{
    private const int Clients = 4;

    /// <summary>Few enough to be spent long before their key's grace is over, a restart of the issuer between.</summary>
    private const int TokensAtATime = 4;

    /// <summary>Requests that are to be answered after a change: more than all wallets hold, so that tokens of the new type are among those spent.</summary>
    private const int EnoughAfterwards = 3 * Clients * TokensAtATime;

    /// <summary>A new type comes with the second takeover at the latest; a busy machine gets more.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_change_of_the_token_type_under_load_fails_no_request_and_refuses_no_token()
    {
        await using var crowd = new SpendingCrowd(fixture, Clients, TokensAtATime);
        foreach (ushort type in new ushort[] { 1, 5 }.Where(type => TokenType.Find(type) is not null))
        {
            await crowd.WhileAtRestAsync(() => fixture.Deployment.ChangeTokenTypeAsync(type, Cancellation));
            IReadOnlyList<(ushort Type, string)> active = await crowd.WatchActiveKeyAsync(seen => seen.Count > 0 && seen[^1].Type == type, Patience);
            Assert.True(!crowd.Failures.Any(), await crowd.DescribeAsync());
            Assert.Equal(type, active[^1].Type);

            int before = crowd.Served;
            await crowd.WatchActiveKeyAsync(_ => crowd.Served >= before + EnoughAfterwards, Patience);
        }

        await crowd.StopAsync();

        Assert.True(!crowd.Failures.Any(), await crowd.DescribeAsync());
        Assert.Equal(new Dictionary<string, long> { ["Accepted"] = crowd.Served }, await crowd.VerdictsAsync());
    }
}
