using Veil.DevStack.Attacks;

namespace Veil.EndToEnd;

/// <summary>An operator and a relay who lie together to one client, with every secret of theirs: each lie is refused for its reason before anything private is sent (I5, I6).</summary>
public sealed class AttackTests(UnrecordedDeploymentFixture fixture) : IClassFixture<UnrecordedDeploymentFixture>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Names => [.. AttackList.All.Select(attack => attack.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Is_noticed(string name)
    {
        (bool caught, string reason) = await AttackRun.PlayAsync(fixture.Deployment, AttackList.All.Single(attack => attack.Name == name), Stop);

        Assert.True(caught, reason);
    }

    [Fact]
    public async Task The_same_adversary_is_believed_when_it_tells_everyone_one_thing_and_its_hosts_are_good()
    {
        var honest = new Attack("control", "no lie", "", async stage => stage.OwnHistory([await stage.MakeRecordAsync("--label", DevStack.Deployment.GuestLabel)]));

        (bool caught, string reason) = await AttackRun.PlayAsync(fixture.Deployment, honest, Stop);

        Assert.False(caught);
        Assert.Contains("was sent", reason, StringComparison.Ordinal);

        // And the command that plays attacks says so, with its exit code.
        Assert.Equal(1, await AttackRun.RunAsync(fixture.Deployment, [honest], _ => { }, json: false, Stop));
        Assert.Equal(0, await AttackRun.RunAsync(fixture.Deployment, [AttackList.All[0]], _ => { }, json: false, Stop));
    }

    [Theory]
    [InlineData("")]
    [InlineData("per-user-key,unknown")]
    public void A_list_with_an_unknown_name_is_refused(string list)
    {
        Assert.Null(AttackRun.Parse(list, out string problem));
        Assert.Contains("per-user-key", problem, StringComparison.Ordinal);
    }
}
