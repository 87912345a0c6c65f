namespace Veil.Issuer;

/// <summary>Measures how long the quotas' store takes; otherwise the store itself.</summary>
internal sealed class MeasuredQuotaStore(IQuotaStore store, IssuerMetrics metrics) : IQuotaStore, IAsyncDisposable
{
    public bool IsHealthy => store.IsHealthy;

    public Task<int> DrawAsync(string account, long partition, int atLeast, int atMost, int limit) =>
        metrics.MeasureStoreAsync("quota", store.DrawAsync(account, partition, atLeast, atMost, limit));

    public Task FollowAsync(IReadOnlyList<(long Partition, DateTimeOffset AnnouncedAt)> keys) => store.FollowAsync(keys);

    public ValueTask DisposeAsync()
    {
        if (store is IAsyncDisposable closing)
            return closing.DisposeAsync();
        (store as IDisposable)?.Dispose();
        return ValueTask.CompletedTask;
    }
}
