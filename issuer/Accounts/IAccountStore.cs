namespace Veil.Issuer;

/// <summary>
/// Remembers who may draw. Throws <see cref="StoreUnavailableException"/> when it cannot tell; what it answers is on disk. It holds no time, and of an
/// identity that others vouch for only the keyed hash.
/// </summary>
public interface IAccountStore
{
    /// <summary>The account of this id with its API key's hash where it has one, or null.</summary>
    Task<(Account Account, ApiKeyHash? Key)?> FindAsync(string id);

    /// <summary>The account of this id, which is added first when there is none.</summary>
    Task<Account> FindOrAddAsync(Account unseen);

    /// <summary>Adds an account, or gives name, class and quota to an identity that came by itself before.</summary>
    /// <param name="account">Named.</param>
    /// <param name="key">For an API key.</param>
    /// <returns>False when the name is taken, or the identity has one.</returns>
    Task<bool> AddAsync(Account account, ApiKeyHash? key);

    /// <summary>All accounts: by name, those without one at the end by id.</summary>
    Task<IReadOnlyList<Account>> ListAsync();

    /// <summary>Issues nothing to an account any more, or issues to it again.</summary>
    /// <param name="nameOrId">Its name, or else its id.</param>
    /// <param name="disabled">Which of the two.</param>
    /// <returns>False when there is no such account.</returns>
    Task<bool> SetDisabledAsync(string nameOrId, bool disabled);

    /// <summary>The stored identity key, wrapped; the proposed one is stored first when there is none.</summary>
    Task<byte[]> KeepIdentityKeyAsync(byte[] proposed);
}
