namespace Veil.Issuer;

/// <summary>The accounts of identities that others vouch for.</summary>
internal sealed class AttestedIdentities(IAccountStore accounts, AccountQuotas quotas)
{
    /// <summary>The account of a proven identity, which becomes one now where that is allowed.</summary>
    /// <param name="identity">Its id and attester; added as it stands.</param>
    /// <param name="attestedClass">Quota class that the attester names.</param>
    /// <param name="onlyAdded">Only identities that the operator added draw.</param>
    /// <exception cref="StoreUnavailableException">The store cannot tell.</exception>
    public async ValueTask<Attested> AttestAsync(Account identity, string attestedClass, bool onlyAdded)
    {
        Account? account = onlyAdded
            ? (await accounts.FindAsync(identity.Id).ConfigureAwait(false))?.Account
            : await accounts.FindOrAddAsync(identity).ConfigureAwait(false);
        if (account is { IsDisabled: true })
            return Problems.AccountDisabled;
        return account is null || (onlyAdded && account.Name is null)
            ? Problems.AccountNotAdded
            : new AttestedAccount(account.Id, quotas.Of(account, attestedClass));
    }
}
