using System.Security.Cryptography;

namespace Veil.Issuer;

/// <summary>Accounts with a key that the issuer gave them.</summary>
internal sealed class ApiKeyAttester(IAccountStore accounts, AccountQuotas quotas) : IAttester
{
    /// <summary>Stands in for the hash of an account that does not exist, so that its key takes the same path as a wrong one.</summary>
    private static readonly ApiKeyHash Nobody = new(new byte[16], new byte[SHA256.HashSizeInBytes]);

    public async ValueTask<Attested?> AttestAsync(HttpContext context)
    {
        if (!Bearer.TryRead(context.Request.Headers, out string? credential) || !ApiKey.TryParse(credential, out ApiKey? key))
            return null;

        (Account Account, ApiKeyHash? Key)? found = await accounts.FindAsync(key.AccountId).ConfigureAwait(false);
        ApiKeyHash known = found?.Key ?? Nobody;
        if (!CryptographicOperations.FixedTimeEquals(key.Hash(known.Salt), known.Hash) || found is not { Account: { } account })
            return Problems.UnknownAccount;
        return account.IsDisabled ? Problems.AccountDisabled : new AttestedAccount(account.Id, quotas.Of(account, IssuanceOptions.DefaultClass));
    }
}
