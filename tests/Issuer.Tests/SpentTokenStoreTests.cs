using System.Buffers.Binary;
using System.Security.Cryptography;
using Veil.Proofs.Databases;

namespace Veil.Issuer.Tests;

/// <summary>What every store of spent tokens does.</summary>
public sealed class SpentTokenStoreTests(SharedPostgres postgres)
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    public static TheoryData<string> Kinds => TestStore.Kinds;

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_repetition_is_accepted_for_ten_minutes_and_spent_afterwards(string kind)
    {
        await using TestStore at = await TestStore.CreateAsync(kind, postgres);
        ISpentTokenStore store = await at.OpenAsync();
        await using var owned = (IAsyncDisposable)store;
        Redemption redemption = Draw();
        Assert.Equal(Verdict.Accepted, await Spend(store, redemption, Now));
        Assert.Equal(Verdict.Accepted, await Spend(store, redemption, Now.AddMinutes(10).AddSeconds(-1)));
        Assert.Equal(Verdict.Spent, await Spend(store, redemption, Now.AddMinutes(10)));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Memory_lasts_over_the_end_of_a_period_and_over_clocks_that_differ(string kind)
    {
        await using TestStore at = await TestStore.CreateAsync(kind, postgres);
        ISpentTokenStore store = await at.OpenAsync();
        await using var owned = (IAsyncDisposable)store;
        for (int minute = 0; minute < 50; minute += 3)
        {
            Redemption redemption = Draw();
            DateTimeOffset now = Now.AddMinutes(minute);
            Assert.Equal(Verdict.Accepted, await Spend(store, redemption, now));
            await store.SweepAsync(now.AddMinutes(9));
            Assert.Equal(Verdict.Accepted, await Spend(store, redemption, now.AddMinutes(9)));
            Assert.Equal(Verdict.Accepted, await Spend(store, redemption, now.AddMinutes(-5)));
            Assert.Equal(Verdict.Spent, await Spend(store, redemption with { Attempt = Hash() }, now));
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task What_was_answered_is_there_after_reopening(string kind)
    {
        await using TestStore at = await TestStore.CreateAsync(kind, postgres);
        Redemption redemption = Draw();
        ISpentTokenStore store = await at.OpenAsync();
        await using (var owned = (IAsyncDisposable)store)
        {
            await Spend(store, redemption, Now);
        }

        ISpentTokenStore again = await at.OpenAsync();
        await using var ownedAgain = (IAsyncDisposable)again;
        Assert.Equal(Verdict.Accepted, await Spend(again, redemption, Now));
        Assert.Equal(Verdict.Spent, await Spend(again, redemption with { Attempt = Hash() }, Now));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Redemptions_of_one_token_in_one_call_are_one_acceptance_and_its_repetitions(string kind)
    {
        await using TestStore at = await TestStore.CreateAsync(kind, postgres);
        ISpentTokenStore store = await at.OpenAsync();
        await using var owned = (IAsyncDisposable)store;
        Redemption first = Draw();
        Redemption other = first with { Attempt = Hash() };
        Assert.Equal(
            [Verdict.Accepted, Verdict.Spent, Verdict.Accepted, Verdict.Spent],
            await store.SpendAsync(new[] { first, other, first, other }, Now));
        Assert.Equal([Verdict.Spent, Verdict.Accepted], await store.SpendAsync(new[] { other, first }, Now));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Nothing_at_all_can_be_spent(string kind)
    {
        await using TestStore at = await TestStore.CreateAsync(kind, postgres);
        ISpentTokenStore store = await at.OpenAsync();
        await using var owned = (IAsyncDisposable)store;
        Assert.Empty(await store.SpendAsync(ReadOnlyMemory<Redemption>.Empty, Now));
        Assert.Empty(await store.RecallAsync(ReadOnlyMemory<Redemption>.Empty, Now));
        await store.FollowAsync([]);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Sweeping_forgets_attempts_and_keeps_spent_tokens(string kind)
    {
        await using TestStore at = await TestStore.CreateAsync(kind, postgres);
        ISpentTokenStore store = await at.OpenAsync();
        await using var owned = (IAsyncDisposable)store;
        Redemption[] many = [.. Enumerable.Range(0, 4500).Select(_ => Draw())];
        await store.SpendAsync(many, Now);
        await store.SweepAsync(Now.AddMinutes(9));
        Assert.Equal(4500, at.CountRemembered());
        await store.SweepAsync(Now.AddMinutes(21));
        Assert.Equal(0, at.CountRemembered());
        Assert.Equal(4500, at.CountSpent());
        Assert.All(await store.SpendAsync(many, Now.AddMinutes(21)), verdict => Assert.Equal(Verdict.Spent, verdict));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_key_that_is_older_than_all_live_ones_takes_its_tokens_with_it_and_stays_refused(string kind)
    {
        await using TestStore at = await TestStore.CreateAsync(kind, postgres);
        Redemption old = Draw(partition: 1);
        ISpentTokenStore store = await at.OpenAsync();
        await using (var owned = (IAsyncDisposable)store)
        {
            await store.FollowAsync([(1, Now), (2, Now.AddDays(7))]);
            Redemption[] redemptions = [.. Enumerable.Range(0, 4500).Select(_ => Draw(partition: 1)), old, Draw(partition: 2)];
            await store.SpendAsync(redemptions, Now);
            await store.FollowAsync([(2, Now.AddDays(7)), (3, Now.AddDays(14))]);
            Assert.Equal(1, at.CountSpent());
            Assert.True(store.IsRetired(1));
            Assert.Equal(Verdict.Expired, await Spend(store, Draw(partition: 1), Now));
            Assert.Equal(Verdict.Accepted, await Spend(store, old, Now));
            Assert.Equal<bool[]>([true, false], await store.RecallAsync(new[] { old, old with { Attempt = Hash() } }, Now));
            Assert.Equal<bool[]>([false], await store.RecallAsync(new[] { old }, Now.AddMinutes(10)));
        }

        ISpentTokenStore again = await at.OpenAsync();
        await using var ownedAgain = (IAsyncDisposable)again;
        Assert.True(again.IsRetired(1));
        Assert.Equal(Verdict.Expired, await Spend(again, Draw(partition: 1), Now.AddHours(1)));
        Assert.Equal(Verdict.Accepted, await Spend(again, Draw(partition: 3), Now));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_call_with_tokens_of_a_retired_and_a_live_key_gets_a_verdict_for_each(string kind)
    {
        await using TestStore at = await TestStore.CreateAsync(kind, postgres);
        ISpentTokenStore store = await at.OpenAsync();
        await using var owned = (IAsyncDisposable)store;
        await store.FollowAsync([(1, Now), (-2, Now.AddDays(7))]);
        await store.FollowAsync([(-2, Now.AddDays(7))]);
        Assert.Equal([Verdict.Expired, Verdict.Accepted, Verdict.Expired], await store.SpendAsync(new[] { Draw(1), Draw(-2), Draw(1) }, Now));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_key_that_a_slower_replica_does_not_know_yet_is_not_given_up(string kind)
    {
        await using TestStore at = await TestStore.CreateAsync(kind, postgres);
        ISpentTokenStore store = await at.OpenAsync();
        await using var owned = (IAsyncDisposable)store;
        await store.FollowAsync([(1, Now), (2, Now.AddDays(7))]);
        await store.FollowAsync([(1, Now)]);
        Assert.Equal(Verdict.Accepted, await Spend(store, Draw(partition: 2), Now));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Spent_tokens_lie_by_key_and_hash_and_nothing_else(string kind)
    {
        await using TestStore at = await TestStore.CreateAsync(kind, postgres);
        ISpentTokenStore store = await at.OpenAsync();
        await using var owned = (IAsyncDisposable)store;
        await store.SpendAsync(new[] { Draw(), Draw() }, Now);
        Assert.Equal(["partition", "token"], at.SpentColumns());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Concurrent_calls_share_commits_and_each_gets_its_own_verdicts(string kind)
    {
        await using TestStore at = await TestStore.CreateAsync(kind, postgres);
        ISpentTokenStore store = await at.OpenAsync();
        await using var owned = (IAsyncDisposable)store;
        await RivalsAsync(store, store);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task After_closing_everything_is_refused(string kind)
    {
        await using TestStore at = await TestStore.CreateAsync(kind, postgres);
        ISpentTokenStore store = await at.OpenAsync();
        await ((IAsyncDisposable)store).DisposeAsync();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Spend(store, Draw(), Now));
    }

    internal static Redemption Draw(long partition = 7) => new(partition, Hash(), Hash());

    internal static UInt128 Hash() => BinaryPrimitives.ReadUInt128BigEndian(RandomNumberGenerator.GetBytes(16));

    internal static async Task<Verdict> Spend(ISpentTokenStore store, Redemption redemption, DateTimeOffset now) => (await store.SpendAsync(new[] { redemption }, now))[0];

    /// <summary>Eight callers want the same tokens at once, in different orders, and each repeats what it asked: every token goes to one of them.</summary>
    internal static async Task RivalsAsync(params ISpentTokenStore[] replicas)
    {
        const int Tokens = 400;
        const int Callers = 8;
        UInt128[] tokens = [.. Enumerable.Range(0, Tokens).Select(_ => Hash())];
        Redemption[][] asked = [.. Enumerable.Range(0, Callers).Select(_ => tokens.Select(token => new Redemption(7, token, Hash())).ToArray())];
        foreach (Redemption[] call in asked)
        {
            Random.Shared.Shuffle(call);
        }

        var verdicts = await Task.WhenAll(asked.SelectMany((call, caller) => replicas.Select(async replica =>
        {
            await Task.Yield();
            var answers = new List<Verdict>();
            foreach (Redemption[] part in call.Chunk(100))
            {
                answers.AddRange(await replica.SpendAsync(part, Now));
            }

            return (caller, answers);
        })));

        var winners = new Dictionary<UInt128, HashSet<int>>();
        foreach ((int caller, List<Verdict> answers) in verdicts)
        {
            for (int i = 0; i < Tokens; i++)
            {
                Assert.True(answers[i] is Verdict.Accepted or Verdict.Spent);
                if (answers[i] is Verdict.Accepted)
                    (winners.TryGetValue(asked[caller][i].Token, out HashSet<int>? known) ? known : winners[asked[caller][i].Token] = []).Add(caller);
            }
        }

        Assert.Equal(Tokens, winners.Count);
        Assert.All(winners.Values, callers => Assert.Single(callers));
        foreach ((int caller, List<Verdict> answers) in verdicts)
        {
            for (int i = 0; i < Tokens; i++)
            {
                Assert.Equal(winners[asked[caller][i].Token].Contains(caller), answers[i] is Verdict.Accepted);
            }
        }
    }
}
