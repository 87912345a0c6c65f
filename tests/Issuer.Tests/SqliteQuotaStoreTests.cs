namespace Veil.Issuer.Tests;

public sealed class SqliteQuotaStoreTests : QuotaStoreTests
{
    private protected override Task<StoreUnderTest<IQuotaStore>> OpenAsync() => Task.FromResult(AccountDatabases.OnSqlite(AccountStores.OpenQuotas));
}
