namespace Veil.Issuer;

/// <summary>Counts what each account drew under each key. Throws <see cref="StoreUnavailableException"/> when it cannot tell; what it answers is on disk.</summary>
public interface IQuotaStore
{
    /// <summary>True when the store answered last.</summary>
    bool IsHealthy { get; }

    /// <summary>Counts one token to the account, unless it drew its limit already.</summary>
    /// <param name="account">The account's id.</param>
    /// <param name="partition">Of the key: each key epoch has a quota of its own.</param>
    /// <param name="limit">Tokens that the account may draw under this key.</param>
    /// <returns>False when the quota is exhausted; nothing was counted then.</returns>
    Task<bool> TryDrawAsync(string account, long partition, int limit);

    /// <summary>Forgets the counts of all keys but these.</summary>
    Task KeepAsync(IReadOnlyCollection<long> partitions);
}
