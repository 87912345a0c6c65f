using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace Veil.Issuer.Tests;

public sealed class SpentTokenStoreTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    private readonly string _folder = Directory.CreateTempSubdirectory("veil-spent-").FullName;

    private string Database => Path.Combine(_folder, "spent.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_repetition_is_accepted_for_ten_minutes_and_spent_afterwards()
    {
        await using SqliteSpentTokenStore store = Open();
        Redemption redemption = Draw();
        Assert.Equal(Verdict.Accepted, await Spend(store, redemption, Now));
        Assert.Equal(Verdict.Accepted, await Spend(store, redemption, Now.AddMinutes(10).AddSeconds(-1)));
        Assert.Equal(Verdict.Spent, await Spend(store, redemption, Now.AddMinutes(10)));
    }

    [Fact]
    public async Task What_was_answered_is_there_after_reopening()
    {
        Redemption redemption = Draw();
        await using (SqliteSpentTokenStore store = Open())
        {
            await Spend(store, redemption, Now);
        }

        await using SqliteSpentTokenStore again = Open();
        Assert.Equal(Verdict.Accepted, await Spend(again, redemption, Now));
        Assert.Equal(Verdict.Spent, await Spend(again, redemption with { RedemptionId = new byte[16] }, Now));
    }

    [Fact]
    public async Task Sweeping_forgets_ids_and_keeps_spent_tokens()
    {
        await using SqliteSpentTokenStore store = Open();
        Redemption[] many = [.. Enumerable.Range(0, 4500).Select(_ => Draw())];
        await store.SpendAsync(many, "gateway", Now);
        await store.SweepAsync(Now.AddMinutes(9));
        Assert.Equal(4500, Count("redemptions"));
        await store.SweepAsync(Now.AddMinutes(11));
        Assert.Equal(0, Count("redemptions"));
        Assert.Equal(4500, Count("spent"));
        Assert.All(await store.SpendAsync(many, "gateway", Now.AddMinutes(11)), verdict => Assert.Equal(Verdict.Spent, verdict));
    }

    [Fact]
    public async Task A_key_that_is_older_than_all_live_ones_takes_its_tokens_with_it_and_stays_refused()
    {
        Redemption old = Draw(partition: 1);
        await using (SqliteSpentTokenStore store = Open())
        {
            await store.FollowAsync([(1, Now), (2, Now.AddDays(7))]);
            await store.SpendAsync([.. Enumerable.Range(0, 4500).Select(_ => Draw(partition: 1)), old, Draw(partition: 2)], "gateway", Now);
            await store.FollowAsync([(2, Now.AddDays(7)), (3, Now.AddDays(14))]);
            Assert.Equal(1, Count("spent"));
            Assert.True(store.IsRetired(1));
            Assert.Equal(Verdict.Expired, await Spend(store, Draw(partition: 1), Now));
            Assert.Equal(Verdict.Accepted, await Spend(store, old, Now));
            Assert.Equal([true, false], await store.RecallAsync([old, old with { RedemptionId = new byte[16] }], "gateway", Now));
        }

        await using SqliteSpentTokenStore again = Open();
        Assert.Equal(Verdict.Expired, await Spend(again, Draw(partition: 1), Now.AddHours(1)));
        Assert.Equal(Verdict.Accepted, await Spend(again, Draw(partition: 3), Now));
    }

    [Fact]
    public async Task A_key_that_a_slower_replica_does_not_know_yet_is_not_given_up()
    {
        await using SqliteSpentTokenStore store = Open();
        await store.FollowAsync([(1, Now), (2, Now.AddDays(7))]);
        await store.FollowAsync([(1, Now)]);
        Assert.Equal(Verdict.Accepted, await Spend(store, Draw(partition: 2), Now));
    }

    [Fact]
    public async Task The_table_of_spent_tokens_has_neither_time_nor_row_order()
    {
        await using SqliteSpentTokenStore store = Open();
        await store.SpendAsync([Draw(), Draw()], "gateway", Now);
        Assert.Equal(["partition", "token"], Column("SELECT name FROM pragma_table_info('spent')"));
        Assert.Throws<SqliteException>(() => Column("SELECT rowid FROM spent"));
    }

    [Fact]
    public async Task Concurrent_calls_share_commits_and_each_gets_its_own_verdicts()
    {
        await using SqliteSpentTokenStore store = Open();
        Redemption[] tokens = [.. Enumerable.Range(0, 200).Select(_ => Draw())];
        IReadOnlyList<Verdict>[] verdicts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
            store.SpendAsync([.. tokens.Select(token => token with { RedemptionId = RandomNumberGenerator.GetBytes(16) })], "gateway", Now))));
        for (int i = 0; i < tokens.Length; i++)
        {
            Assert.Equal(1, verdicts.Count(call => call[i] is Verdict.Accepted));
        }
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
        Assert.Equal(Verdict.Spent, await Spend(store, redemption with { RedemptionId = new byte[16] }, Now));
        Assert.True(store.IsHealthy);
    }

    [Fact]
    public async Task A_full_disk_fails_closed_and_accepts_nothing_twice_after_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Mounting a small file system needs root on Linux.");
        Assert.SkipUnless(await Run("mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", _folder), "This sandbox does not let root mount a file system.");
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
                    Assert.All(await store.SpendAsync(batch, "gateway", Now), verdict => Assert.Equal(Verdict.Accepted, verdict));
                    accepted.AddRange(batch);
                }
                catch (StoreUnavailableException e)
                {
                    failure = e;
                }
            }

            Assert.NotEmpty(accepted);
            Assert.False(store.IsHealthy);
            Assert.True(await Run("mount", "-o", "remount,size=50m", _folder));
            Assert.All(
                await store.SpendAsync([.. accepted.Select(token => token with { RedemptionId = new byte[16] })], "gateway", Now),
                verdict => Assert.Equal(Verdict.Spent, verdict));
        }
        finally
        {
            Assert.True(await Run("umount", "-l", _folder));
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

    private static Redemption Draw(long partition = 7) => new(partition, RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(16));

    private static async Task<Verdict> Spend(SqliteSpentTokenStore store, Redemption redemption, DateTimeOffset now) =>
        (await store.SpendAsync([redemption], "gateway", now))[0];

    private static async Task<bool> Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            await process.WaitForExitAsync();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private SqliteSpentTokenStore Open()
    {
        SqliteSpentTokenStore.Create(Database);
        return new SqliteSpentTokenStore(Database);
    }

    private int Count(string table) => int.Parse(Column($"SELECT count(*) FROM {table}").Single(), System.Globalization.CultureInfo.InvariantCulture);

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
