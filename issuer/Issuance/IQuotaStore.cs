namespace Veil.Issuer;

/// <summary>Counts what each account drew under each key. Throws <see cref="StoreUnavailableException"/> when it cannot tell; what it answers is on disk.</summary>
public interface IQuotaStore
{
    /// <summary>True when the store answered last.</summary>
    bool IsHealthy { get; }

    /// <summary>Counts as many tokens to the account as it may still draw, all or nothing below <paramref name="atLeast"/>.</summary>
    /// <param name="account">The account's id.</param>
    /// <param name="partition">Of the key: each key epoch has a quota of its own.</param>
    /// <param name="atLeast">Fewest tokens that serve the caller, one or more; with fewer left nothing is counted.</param>
    /// <param name="atMost">Most tokens that it wants, <paramref name="atLeast"/> or more.</param>
    /// <param name="limit">Tokens that the account may draw under this key.</param>
    /// <returns>Tokens counted: between <paramref name="atLeast"/> and <paramref name="atMost"/>, or 0.</returns>
    Task<int> DrawAsync(string account, long partition, int atLeast, int atMost, int limit);

    /// <summary>
    /// Learns the keys, and forgets the counts of those that are older than all of them. The counts of a key that only another replica knows yet stay.
    /// </summary>
    /// <param name="keys">Partition and announcement of each key.</param>
    Task FollowAsync(IReadOnlyList<(long Partition, DateTimeOffset AnnouncedAt)> keys);
}
