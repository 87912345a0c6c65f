namespace Veil.Issuer;

/// <summary>How much an account may draw under one key.</summary>
internal sealed class AccountQuotas(IssuanceOptions options, ILogger<AccountQuotas> logger)
{
    /// <summary>The account's own quota; else that of the class that the operator gave it; else that of the class that its attester names.</summary>
    /// <returns>0 for a class that is not configured.</returns>
    public int Of(Account account, string attestedClass)
    {
        if (account.Quota is { } own)
            return own;
        if (options.QuotaClasses.TryGetValue(account.Class ?? attestedClass, out int quota))
            return quota;

        logger.UnknownQuotaClass();
        return 0;
    }
}
