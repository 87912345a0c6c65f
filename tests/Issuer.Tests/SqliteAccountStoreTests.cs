using Microsoft.Data.Sqlite;

namespace Veil.Issuer.Tests;

public sealed class SqliteAccountStoreTests : AccountStoreTests
{
    [Fact]
    public async Task A_file_of_the_first_schema_keeps_its_accounts_and_counts()
    {
        using StoreUnderTest<string> test = AccountDatabases.OnSqlite(options => options.Accounts);
        using (var old = new SqliteConnection($"Data Source={test.Store};Pooling=False"))
        {
            old.Open();
            old.Execute("""
                CREATE TABLE accounts (
                    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, salt BLOB NOT NULL, key_hash BLOB NOT NULL, quota INTEGER, disabled INTEGER NOT NULL) STRICT, WITHOUT ROWID;
                CREATE TABLE quotas (account TEXT NOT NULL, partition INTEGER NOT NULL, drawn INTEGER NOT NULL, PRIMARY KEY (account, partition)) STRICT, WITHOUT ROWID;
                INSERT INTO accounts VALUES ('0123456789abcdef', 'alice', x'01', x'02', 7, 0), ('fedcba9876543210', 'bob', x'03', x'04', NULL, 1);
                INSERT INTO quotas VALUES ('0123456789abcdef', 5, 6);
                PRAGMA user_version = 1;
                """);
        }

        using var accounts = (SqliteAccountStore)AccountStores.OpenAccounts(new StoreOptions { Accounts = test.Store });
        Assert.Equal(
            [new Account("0123456789abcdef", AttesterKind.ApiKey, "alice", Quota: 7), new Account("fedcba9876543210", AttesterKind.ApiKey, "bob", IsDisabled: true)],
            await accounts.ListAsync());
        ApiKeyHash key = (await accounts.FindAsync("0123456789abcdef"))!.Value.Key!;
        Assert.Equal([[1], [2]], new[] { key.Salt, key.Hash });
        await using var quotas = (SqliteQuotaStore)AccountStores.OpenQuotas(new StoreOptions { Accounts = test.Store });
        Assert.Equal(1, await quotas.DrawAsync("0123456789abcdef", 5, 1, 10, 7));
    }

    private protected override Task<StoreUnderTest<IAccountStore>> OpenAsync() => Task.FromResult(AccountDatabases.OnSqlite(AccountStores.OpenAccounts));
}
