namespace Veil.Issuer.Tests;

/// <summary>What every quota store does.</summary>
public abstract class QuotaStoreTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task As_many_tokens_are_counted_as_the_limit_still_allows()
    {
        using StoreUnderTest<IQuotaStore> test = await OpenAsync();
        Assert.Equal(6, await test.Store.DrawAsync("alice", 1, atLeast: 1, atMost: 6, limit: 10));
        Assert.Equal(4, await test.Store.DrawAsync("alice", 1, atLeast: 1, atMost: 6, limit: 10));
        Assert.Equal(0, await test.Store.DrawAsync("alice", 1, atLeast: 1, atMost: 1, limit: 10));
        Assert.True(test.Store.IsHealthy);
    }

    [Fact]
    public async Task Nothing_is_counted_when_fewer_are_left_than_serve_the_caller()
    {
        using StoreUnderTest<IQuotaStore> test = await OpenAsync();
        Assert.Equal(6, await test.Store.DrawAsync("alice", 1, atLeast: 6, atMost: 6, limit: 10));
        Assert.Equal(0, await test.Store.DrawAsync("alice", 1, atLeast: 5, atMost: 6, limit: 10));
        Assert.Equal(4, await test.Store.DrawAsync("alice", 1, atLeast: 4, atMost: 4, limit: 10));
        Assert.Equal(0, await test.Store.DrawAsync("bob", 1, atLeast: 2, atMost: 4, limit: 1));
        Assert.Equal(0, await test.Store.DrawAsync("bob", 1, atLeast: 1, atMost: 4, limit: 0));
    }

    [Fact]
    public async Task A_limit_that_was_lowered_below_what_was_drawn_takes_nothing_back()
    {
        using StoreUnderTest<IQuotaStore> test = await OpenAsync();
        Assert.Equal(8, await test.Store.DrawAsync("alice", 1, atLeast: 1, atMost: 8, limit: 10));
        Assert.Equal(0, await test.Store.DrawAsync("alice", 1, atLeast: 1, atMost: 8, limit: 5));
        Assert.Equal(3, await test.Store.DrawAsync("alice", 1, atLeast: 1, atMost: 8, limit: 11));
    }

    [Fact]
    public async Task Accounts_and_keys_have_counts_of_their_own()
    {
        using StoreUnderTest<IQuotaStore> test = await OpenAsync();
        foreach ((string account, long partition) in new[] { ("alice", 1L), ("alice", -2L), ("bob", 1L), ("bob", long.MaxValue) })
        {
            Assert.Equal(3, await test.Store.DrawAsync(account, partition, atLeast: 1, atMost: 9, limit: 3));
        }
    }

    [Fact]
    public async Task Concurrent_draws_grant_the_limit_and_not_one_more()
    {
        using StoreUnderTest<IQuotaStore> test = await OpenAsync();
        int[] granted = await Task.WhenAll(Enumerable.Range(0, 200).Select(call => Task.Run(() => test.Store.DrawAsync("alice", 1, 1 + (call % 2), 2 + (call % 7), limit: 333))));
        Assert.Equal(333, granted.Sum() + await test.Store.DrawAsync("alice", 1, 1, 1000, limit: 333));
    }

    [Fact]
    public async Task Counts_go_with_keys_that_are_older_than_all_live_ones_and_no_others()
    {
        using StoreUnderTest<IQuotaStore> test = await OpenAsync();
        await test.Store.FollowAsync([(1, Now), (2, Now.AddDays(7))]);
        foreach (long partition in (long[])[1, 2, 3])
        {
            Assert.Equal(5, await test.Store.DrawAsync("alice", partition, 5, 5, limit: 5));
        }

        // A replica that has not seen the newest keys yet.
        await test.Store.FollowAsync([(1, Now)]);
        Assert.Equal(0, await test.Store.DrawAsync("alice", 1, 1, 1, limit: 5));
        await test.Store.FollowAsync([(2, Now.AddDays(7)), (3, Now.AddDays(14))]);
        Assert.Equal(1, await test.Store.DrawAsync("alice", 1, 1, 1, limit: 5));
        Assert.Equal(0, await test.Store.DrawAsync("alice", 2, 1, 1, limit: 5));
        Assert.Equal(0, await test.Store.DrawAsync("alice", 3, 1, 1, limit: 5));
        await test.Store.FollowAsync([]);
        Assert.Equal(0, await test.Store.DrawAsync("alice", 2, 1, 1, limit: 5));
    }

    [Fact]
    public async Task A_draw_of_nothing_is_a_mistake_of_the_caller()
    {
        using StoreUnderTest<IQuotaStore> test = await OpenAsync();
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => test.Store.DrawAsync("alice", 1, 0, 1, 1));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => test.Store.DrawAsync("alice", 1, 2, 1, 1));
    }

    private protected abstract Task<StoreUnderTest<IQuotaStore>> OpenAsync();
}
