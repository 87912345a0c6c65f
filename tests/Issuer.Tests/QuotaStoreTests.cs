namespace Veil.Issuer.Tests;

public sealed class QuotaStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("veil-test-").FullName;

    private string Database => Path.Combine(_folder, "accounts.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task As_many_tokens_are_counted_as_the_limit_still_allows()
    {
        await using SqliteQuotaStore store = Open();
        Assert.Equal(6, await store.DrawAsync("alice", 1, atLeast: 1, atMost: 6, limit: 10));
        Assert.Equal(4, await store.DrawAsync("alice", 1, atLeast: 1, atMost: 6, limit: 10));
        Assert.Equal(0, await store.DrawAsync("alice", 1, atLeast: 1, atMost: 1, limit: 10));
    }

    [Fact]
    public async Task Nothing_is_counted_when_fewer_are_left_than_serve_the_caller()
    {
        await using SqliteQuotaStore store = Open();
        Assert.Equal(6, await store.DrawAsync("alice", 1, atLeast: 6, atMost: 6, limit: 10));
        Assert.Equal(0, await store.DrawAsync("alice", 1, atLeast: 5, atMost: 6, limit: 10));
        Assert.Equal(4, await store.DrawAsync("alice", 1, atLeast: 4, atMost: 4, limit: 10));
    }

    private SqliteQuotaStore Open()
    {
        AccountsDatabase.At(Database).Create();
        return new SqliteQuotaStore(AccountsDatabase.At(Database));
    }
}
