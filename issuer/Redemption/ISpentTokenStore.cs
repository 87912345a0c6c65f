namespace Veil.Issuer;

/// <summary>
/// Remembers spent tokens, so that each is accepted at most once: over crashes, retries and replicas. Every method throws
/// <see cref="StoreUnavailableException"/> when it cannot tell; what it answers is on disk.
/// </summary>
public interface ISpentTokenStore
{
    /// <summary>How long the same redemption of the same gateway gets the same verdict again.</summary>
    static readonly TimeSpan Memory = TimeSpan.FromMinutes(10);

    /// <summary>True when the store answered last.</summary>
    bool IsHealthy { get; }

    /// <summary>
    /// Spends tokens, all in one commit, and answers in their order: <see cref="Verdict.Accepted"/> to the first redemption and to its repetitions
    /// within <see cref="Memory"/>, <see cref="Verdict.Spent"/> to others, <see cref="Verdict.Expired"/> when the key's partition was given up.
    /// </summary>
    /// <param name="redemptions">Verified tokens; not changed until the answer is there.</param>
    /// <param name="now">The time.</param>
    Task<Verdict[]> SpendAsync(ReadOnlyMemory<Redemption> redemptions, DateTimeOffset now);

    /// <summary>Which of these redemptions were accepted within <see cref="Memory"/>: for retries that arrive after their key's end. Spends nothing.</summary>
    /// <param name="redemptions">Tokens that cannot be verified any more; not changed until the answer is there.</param>
    /// <param name="now">The time.</param>
    Task<bool[]> RecallAsync(ReadOnlyMemory<Redemption> redemptions, DateTimeOffset now);

    /// <summary>True for a partition that was given up.</summary>
    bool IsRetired(long partition);

    /// <summary>
    /// Learns the live keys, and gives up the partitions of keys that are older than all of them: first durably marked, then emptied.
    /// </summary>
    /// <param name="keys">Partition and announcement of each live key.</param>
    Task FollowAsync(IReadOnlyList<(long Partition, DateTimeOffset AnnouncedAt)> keys);

    /// <summary>Forgets redemptions whose <see cref="Memory"/> ended at least another <see cref="Memory"/> ago; spent tokens stay. Always writes, so that it tells whether the store can.</summary>
    Task SweepAsync(DateTimeOffset now);
}
