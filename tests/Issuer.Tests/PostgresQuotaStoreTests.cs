using Veil.Proofs.Databases;

namespace Veil.Issuer.Tests;

public sealed class PostgresQuotaStoreTests(SharedPostgres postgres) : QuotaStoreTests
{
    [Fact]
    public async Task Replicas_grant_the_limit_together_and_not_one_more()
    {
        StoreOptions options = await AccountDatabases.PostgresOptionsAsync(postgres);
        IQuotaStore[] replicas = [.. Enumerable.Range(0, 3).Select(_ => AccountStores.OpenQuotas(options))];
        int[] granted = await Task.WhenAll(Enumerable.Range(0, 300).Select(call => Task.Run(() => replicas[call % 3].DrawAsync("alice", 1, 1, 1 + (call % 5), limit: 400))));
        Assert.Equal(400, granted.Sum());
        Assert.Equal(0, await replicas[0].DrawAsync("alice", 1, 1, 1, limit: 400));
        foreach (IQuotaStore replica in replicas)
        {
            ((IDisposable)replica).Dispose();
        }
    }

    private protected override Task<StoreUnderTest<IQuotaStore>> OpenAsync() => AccountDatabases.OnPostgresAsync(postgres, AccountStores.OpenQuotas);
}
