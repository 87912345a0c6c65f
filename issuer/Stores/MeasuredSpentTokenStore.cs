namespace Veil.Issuer;

/// <summary>Measures how long the spent tokens' store takes; otherwise the store itself.</summary>
internal sealed class MeasuredSpentTokenStore(ISpentTokenStore store, IssuerMetrics metrics) : ISpentTokenStore, IAsyncDisposable
{
    public bool IsHealthy => store.IsHealthy;

    public Task<Verdict[]> SpendAsync(ReadOnlyMemory<Redemption> redemptions, DateTimeOffset now) => metrics.MeasureStoreAsync("spent", store.SpendAsync(redemptions, now));

    public Task<bool[]> RecallAsync(ReadOnlyMemory<Redemption> redemptions, DateTimeOffset now) => metrics.MeasureStoreAsync("spent", store.RecallAsync(redemptions, now));

    public bool IsRetired(long partition) => store.IsRetired(partition);

    public Task FollowAsync(IReadOnlyList<(long Partition, DateTimeOffset AnnouncedAt)> keys) => store.FollowAsync(keys);

    public Task SweepAsync(DateTimeOffset now) => store.SweepAsync(now);

    public ValueTask DisposeAsync()
    {
        if (store is IAsyncDisposable closing)
            return closing.DisposeAsync();
        (store as IDisposable)?.Dispose();
        return ValueTask.CompletedTask;
    }
}
