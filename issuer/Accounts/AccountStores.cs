namespace Veil.Issuer;

/// <summary>Where accounts and quotas are: the SQLite file or the PostgreSQL database that the options name, each made where it is absent.</summary>
internal static class AccountStores
{
    /// <summary>Opens the accounts.</summary>
    /// <exception cref="StoreUnavailableException">The store cannot be used.</exception>
    public static IAccountStore OpenAccounts(StoreOptions options)
    {
        if (options.AccountsPostgres is { } database)
            return new PostgresAccountStore(AccountsSchema.Open(database));

        AccountsDatabase.At(options.Accounts).Create();
        return new SqliteAccountStore(options.Accounts);
    }

    /// <summary>Opens the quotas.</summary>
    /// <exception cref="StoreUnavailableException">The store cannot be used.</exception>
    public static IQuotaStore OpenQuotas(StoreOptions options)
    {
        if (options.AccountsPostgres is { } database)
            return new PostgresQuotaStore(AccountsSchema.Open(database));

        SqliteDatabase file = AccountsDatabase.At(options.Accounts);
        file.Create();
        return new SqliteQuotaStore(file);
    }
}
