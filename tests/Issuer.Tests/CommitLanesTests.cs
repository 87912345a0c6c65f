using System.Threading.Channels;

namespace Veil.Issuer.Tests;

/// <summary>When a commit begins, what it holds, and that nothing is left waiting.</summary>
public sealed class CommitLanesTests
{
    [Fact]
    public async Task What_arrives_while_a_commit_is_under_way_shares_the_next_one()
    {
        await using var lanes = new Lanes(count: 2, minBeside: 3, maxRows: 100);
        lanes.Add(1);
        await lanes.AssertNextAsync([1]);
        lanes.Add(1);
        lanes.Add(1);
        Assert.Equal(0, lanes.Waiting);
        lanes.Finish();
        await lanes.AssertNextAsync([1, 1]);
        lanes.Finish();
    }

    [Fact]
    public async Task Enough_of_it_begins_a_second_commit_beside_the_first()
    {
        await using var lanes = new Lanes(count: 2, minBeside: 3, maxRows: 100);
        lanes.Add(1);
        await lanes.AssertNextAsync([1]);
        lanes.Add(2);
        lanes.Add(1);
        await lanes.AssertNextAsync([2, 1]);

        // Both lanes are busy: however much waits, it waits for one of them.
        lanes.Add(50);
        Assert.Equal(0, lanes.Waiting);
        lanes.Finish();
        await lanes.AssertNextAsync([50]);
        lanes.Finish();
        lanes.Finish();
    }

    [Fact]
    public async Task A_commit_holds_no_more_rows_than_it_may_and_the_rest_follows()
    {
        await using var lanes = new Lanes(count: 1, minBeside: 1, maxRows: 4);
        lanes.Add(1);
        await lanes.AssertNextAsync([1]);
        foreach (int rows in new[] { 2, 3, 1, 1 })
            lanes.Add(rows);
        lanes.Finish();
        await lanes.AssertNextAsync([2, 3]);
        lanes.Finish();
        await lanes.AssertNextAsync([1, 1]);
        lanes.Finish();
    }

    [Fact]
    public async Task A_few_requests_of_many_rows_are_refused_as_many_of_one_are()
    {
        await using var lanes = new Lanes(count: 1, minBeside: 1, maxRows: 100);
        lanes.Add(1);
        await lanes.AssertNextAsync([1]);
        lanes.Add(1 << 16);
        lanes.Add(1 << 16);
        Assert.Throws<StoreUnavailableException>(() => lanes.Add(1));
        lanes.Finish();
        await lanes.AssertNextAsync([1 << 16]);
        lanes.Add(1);
        lanes.Finish();
        await lanes.AssertNextAsync([1 << 16]);
        lanes.Finish();
        await lanes.AssertNextAsync([1]);
        lanes.Finish();
    }

    [Fact]
    public async Task An_end_waits_for_the_work_that_waits_and_takes_no_more()
    {
        var lanes = new Lanes(count: 1, minBeside: 1, maxRows: 100);
        lanes.Add(1);
        await lanes.NextAsync();
        lanes.Add(1);
        Task end = lanes.DisposeAsync().AsTask();
        Assert.Contains("closed", Assert.Throws<StoreUnavailableException>(() => lanes.Add(1)).Message, StringComparison.Ordinal);
        lanes.Finish();
        await lanes.NextAsync();
        Assert.False(end.IsCompleted);
        lanes.Finish();
        await end;
    }

    [Fact]
    public async Task More_than_a_second_of_work_is_refused_at_once()
    {
        await using var lanes = new Lanes(count: 1, minBeside: 1, maxRows: 10_000);
        lanes.Add(1);
        await lanes.NextAsync();
        for (int i = 0; i < 4096; i++)
            lanes.Add(1);
        Assert.Contains("behind", Assert.Throws<StoreUnavailableException>(() => lanes.Add(1)).Message, StringComparison.Ordinal);
        lanes.Finish();
        Assert.Equal(4096, (await lanes.NextAsync()).Length);
        lanes.Finish();
    }

    [Fact]
    public async Task Whatever_the_order_of_things_nothing_is_left_waiting()
    {
        int done = 0;
        var lanes = new CommitLanes<object>(
            Enumerable.Range(0, 3).Select<int, Func<IReadOnlyList<object>, Task>>(_ => async batch =>
            {
                await Task.Yield();
                Interlocked.Add(ref done, batch.Count);
            }),
            _ => 1,
            minRowsBeside: 5,
            maxRows: 7);
        await Parallel.ForAsync(0, 8, async (_, cancel) =>
        {
            for (int i = 0; i < 2000; i++)
            {
                lanes.Add(new());
                if (i % 13 == 0)
                    await Task.Delay(1, cancel);
            }
        });
        await lanes.DisposeAsync();
        Assert.Equal(16_000, done);
    }

    /// <summary>Lanes whose commits begin and end when a test says so.</summary>
    private sealed class Lanes : IAsyncDisposable
    {
        private readonly Channel<int[]> _begun = Channel.CreateUnbounded<int[]>();
        private readonly SemaphoreSlim _finish = new(0);
        private readonly CommitLanes<object> _lanes;

        public Lanes(int count, int minBeside, int maxRows) => _lanes = new(
            Enumerable.Range(0, count).Select<int, Func<IReadOnlyList<object>, Task>>(_ => async batch =>
            {
                _begun.Writer.TryWrite([.. batch.Cast<int>()]);
                await _finish.WaitAsync();
            }),
            rows => (int)rows,
            minBeside,
            maxRows);

        public int Waiting => _begun.Reader.Count;

        public void Add(int rows) => _lanes.Add(rows);

        public async Task AssertNextAsync(int[] rows) => Assert.Equal(rows, await NextAsync());

        public async Task<int[]> NextAsync() => await _begun.Reader.ReadAsync(TestContext.Current.CancellationToken);

        public void Finish() => _finish.Release();

        public async ValueTask DisposeAsync()
        {
            await _lanes.DisposeAsync();
            _finish.Dispose();
        }
    }
}
