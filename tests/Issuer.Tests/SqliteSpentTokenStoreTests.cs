using Microsoft.Data.Sqlite;
using Veil.Issuer.Tests.Rig;
using static Veil.Issuer.Tests.SpentTokenStoreTests;

namespace Veil.Issuer.Tests;

/// <summary>What happens to a SQLite file under the store.</summary>
public sealed class SqliteSpentTokenStoreTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    private readonly string _folder = Directory.CreateTempSubdirectory("veil-spent-").FullName;

    private string Database => Path.Combine(_folder, "spent.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_table_of_spent_tokens_has_no_row_order()
    {
        await using SqliteSpentTokenStore store = Open();
        Assert.Throws<SqliteException>(() => Column("SELECT rowid FROM spent"));
    }

    [Fact]
    public async Task A_retry_is_looked_up_by_the_whole_key_however_many_redemptions_are_remembered()
    {
        await using SqliteSpentTokenStore store = Open();
        using var other = new SqliteConnection($"Data Source={Database};Pooling=False");
        other.Open();
        using SqliteCommand explain = other.Prepare("EXPLAIN QUERY PLAN " + SqliteSpentTokenStore.Recall, "@period", "@attempt", "@now").With(1L, new byte[16], 1L);
        using SqliteDataReader rows = explain.ExecuteReader();
        Assert.True(rows.Read());
        Assert.Contains("(period=? AND attempt=?)", rows.GetString(3), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_removed_while_open_fails_closed()
    {
        await using SqliteSpentTokenStore store = Open();
        await Spend(store, Draw(), Now);
        foreach (string file in Directory.GetFiles(_folder))
        {
            File.Delete(file);
        }

        await Assert.ThrowsAsync<StoreUnavailableException>(() => Spend(store, Draw(), Now));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Spend(store, Draw(), Now));
        Assert.False(store.IsHealthy);
    }

    [Fact]
    public async Task A_store_that_comes_back_is_used_again()
    {
        Redemption redemption = Draw();
        await using SqliteSpentTokenStore store = Open();
        await Spend(store, redemption, Now);
        using (var other = new SqliteConnection($"Data Source={Database};Pooling=False"))
        {
            other.Open();
            other.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        }

        File.Move(Database, Database + ".away");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Spend(store, Draw(), Now));
        File.Move(Database + ".away", Database);
        Assert.Equal(Verdict.Spent, await Spend(store, redemption with { Attempt = Hash() }, Now));
        Assert.True(store.IsHealthy);
    }

    [Fact]
    public async Task A_full_disk_fails_closed_and_accepts_nothing_twice_after_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Mounting a small file system needs root on Linux.");
        Assert.SkipUnless(await Commands.RunAsync("mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", _folder), "This sandbox does not let root mount a file system.");
        try
        {
            await using SqliteSpentTokenStore store = Open();
            var accepted = new List<Redemption>();
            StoreUnavailableException? failure = null;
            while (failure is null)
            {
                Redemption[] batch = [.. Enumerable.Range(0, 50).Select(_ => Draw())];
                try
                {
                    Assert.All(await store.SpendAsync(batch, Now), verdict => Assert.Equal(Verdict.Accepted, verdict));
                    accepted.AddRange(batch);
                }
                catch (StoreUnavailableException e)
                {
                    failure = e;
                }
            }

            Assert.NotEmpty(accepted);
            Assert.False(store.IsHealthy);
            Assert.True(await Commands.RunAsync("mount", "-o", "remount,size=50m", _folder));
            Assert.All(
                await store.SpendAsync(accepted.Select(token => token with { Attempt = Hash() }).ToArray(), Now),
                verdict => Assert.Equal(Verdict.Spent, verdict));
        }
        finally
        {
            Assert.True(await Commands.RunAsync("umount", "-l", _folder));
        }
    }

    [Fact]
    public void A_missing_or_damaged_or_newer_database_is_refused_with_its_name()
    {
        Assert.Contains(Database, Assert.Throws<StoreUnavailableException>(() => new SqliteSpentTokenStore(Database)).Message, StringComparison.Ordinal);

        File.WriteAllText(Database, new string('x', 4096));
        Assert.Contains(Database, Assert.Throws<StoreUnavailableException>(() => new SqliteSpentTokenStore(Database)).Message, StringComparison.Ordinal);

        File.Delete(Database);
        SqliteSpentTokenStore.Create(Database);
        using (var newer = new SqliteConnection($"Data Source={Database};Pooling=False"))
        {
            newer.Open();
            newer.Execute("PRAGMA user_version = 99");
        }

        Assert.Contains("newer", Assert.Throws<StoreUnavailableException>(() => new SqliteSpentTokenStore(Database)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_only_database_fails_closed_and_is_used_again_when_it_takes_writes()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Mounting a file system needs root on Linux.");
        Assert.SkipUnless(await Commands.RunAsync("mount", "-t", "tmpfs", "-o", "size=10m", "tmpfs", _folder), "This sandbox does not let root mount a file system.");
        try
        {
            await using SqliteSpentTokenStore store = Open();
            Redemption before = Draw();
            Redemption during = Draw();
            Assert.Equal(Verdict.Accepted, await Spend(store, before, Now));

            // Files that are open stay writable: the store meets the change when it opens them again.
            File.Move(Database, Database + ".away");
            await Assert.ThrowsAsync<StoreUnavailableException>(() => Spend(store, during, Now));
            File.Move(Database + ".away", Database);
            Assert.True(await Commands.RunAsync("mount", "-o", "remount,ro", _folder));
            await Assert.ThrowsAsync<StoreUnavailableException>(() => Spend(store, during, Now));
            await Assert.ThrowsAsync<StoreUnavailableException>(() => store.SweepAsync(Now));
            Assert.False(store.IsHealthy);

            Assert.True(await Commands.RunAsync("mount", "-o", "remount,rw", _folder));
            Assert.Equal([Verdict.Accepted, Verdict.Accepted, Verdict.Spent], await store.SpendAsync(new[] { before, during, before with { Attempt = Hash() } }, Now));
            Assert.True(store.IsHealthy);
        }
        finally
        {
            Assert.True(await Commands.RunAsync("umount", "-l", _folder));
        }
    }

    [Fact]
    public async Task A_database_of_the_first_version_keeps_its_spent_tokens()
    {
        SqliteSpentTokenStore.Create(Database);
        Redemption spent = Draw();
        using (var old = new SqliteConnection($"Data Source={Database};Pooling=False"))
        {
            old.Open();
            old.Execute("DROP TABLE redemptions; DROP TABLE spent; DROP TABLE partitions");
            old.Execute("CREATE TABLE spent (partition INTEGER NOT NULL, token BLOB NOT NULL, PRIMARY KEY (partition, token)) STRICT, WITHOUT ROWID");
            old.Execute("CREATE TABLE redemptions (token BLOB NOT NULL, id BLOB NOT NULL, gateway TEXT NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (token, id, gateway)) STRICT, WITHOUT ROWID");
            old.Execute("CREATE TABLE partitions (partition INTEGER PRIMARY KEY, announced INTEGER NOT NULL, retired INTEGER NOT NULL) STRICT");
            old.Execute($"INSERT INTO spent VALUES ({spent.Partition}, X'{spent.Token:X32}{spent.Attempt:X32}')");
            old.Execute("PRAGMA user_version = 1");
        }

        await using var store = new SqliteSpentTokenStore(Database);
        Assert.Equal([Verdict.Spent, Verdict.Accepted], await store.SpendAsync(new[] { spent, Draw() }, Now));
    }

    private SqliteSpentTokenStore Open()
    {
        SqliteSpentTokenStore.Create(Database);
        return new SqliteSpentTokenStore(Database);
    }

    private List<string> Column(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.Prepare(sql);
        using SqliteDataReader rows = command.ExecuteReader();
        var values = new List<string>();
        while (rows.Read())
        {
            values.Add(rows.GetString(0));
        }

        return values;
    }
}
