using Veil.Proofs.Databases;

namespace Veil.Issuer.Tests;

public sealed class PostgresAccountStoreTests(SharedPostgres postgres) : AccountStoreTests
{
    private protected override Task<StoreUnderTest<IAccountStore>> OpenAsync() => AccountDatabases.OnPostgresAsync(postgres, AccountStores.OpenAccounts);
}
