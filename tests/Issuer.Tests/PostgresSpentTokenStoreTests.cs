using System.Net;
using System.Net.Sockets;
using Npgsql;
using Veil.Issuer.Tests.Rig;
using Veil.Postgres;
using Veil.Proofs.Databases;
using static Veil.Issuer.Tests.SpentTokenStoreTests;

namespace Veil.Issuer.Tests;

/// <summary>What replicas, failures and other users of one PostgreSQL database cannot break.</summary>
public sealed class PostgresSpentTokenStoreTests(SharedPostgres postgres)
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    [Fact]
    public async Task Replicas_that_race_for_the_same_tokens_accept_each_once_and_tell_a_retry_the_same()
    {
        PostgresOptions options = await NewDatabase();
        await using PostgresSpentTokenStore one = await PostgresSpentTokenStore.OpenAsync(options);
        await using PostgresSpentTokenStore two = await PostgresSpentTokenStore.OpenAsync(options);
        await RivalsAsync(one, two);
    }

    [Fact]
    public async Task A_retry_waits_for_the_commit_that_is_still_under_way()
    {
        PostgresOptions options = await NewDatabase();
        await using PostgresSpentTokenStore store = await PostgresSpentTokenStore.OpenAsync(options);
        await store.FollowAsync([(7, Now)]);
        foreach (bool commits in new[] { true, false })
        {
            Redemption redemption = Draw();
            await using NpgsqlConnection other = await Connect(options);
            await using NpgsqlTransaction unfinished = await other.BeginTransactionAsync(TestContext.Current.CancellationToken);
            await Execute(other, $"INSERT INTO spent VALUES (7, '{Text(redemption.Token)}'); INSERT INTO {PostgresSpentTables.Memory(MemoryPeriod.Of(Now))} VALUES ({MemoryPeriod.End(Now)}, '{Text(redemption.Attempt)}')");
            Task<Verdict> retry = Spend(store, redemption, Now);
            Task<Verdict> rival = Spend(store, redemption with { Attempt = Hash() }, Now);
            await UntilSomebodyWaits(options);
            Assert.False(retry.IsCompleted);
            if (commits)
                await unfinished.CommitAsync(TestContext.Current.CancellationToken);
            else
                await unfinished.RollbackAsync(TestContext.Current.CancellationToken);
            Verdict[] verdicts = [await retry, await rival];
            if (commits)
                Assert.Equal([Verdict.Accepted, Verdict.Spent], verdicts);
            else
                Assert.Equal([Verdict.Accepted, Verdict.Spent], verdicts.Order());
        }
    }

    [Fact]
    public async Task A_key_retired_by_one_replica_takes_no_token_of_another_that_still_verifies()
    {
        PostgresOptions options = await NewDatabase();
        await using PostgresSpentTokenStore fast = await PostgresSpentTokenStore.OpenAsync(options);
        await using PostgresSpentTokenStore slow = await PostgresSpentTokenStore.OpenAsync(options);
        await slow.FollowAsync([(1, Now), (2, Now.AddDays(7))]);
        Redemption spent = Draw(partition: 1);
        Assert.Equal(Verdict.Accepted, await Spend(slow, spent, Now));
        await fast.FollowAsync([(2, Now.AddDays(7))]);
        Assert.False(slow.IsRetired(1));
        Assert.Equal(
            [Verdict.Expired, Verdict.Accepted, Verdict.Expired, Verdict.Accepted],
            await slow.SpendAsync(new[] { spent with { Attempt = Hash() }, spent, Draw(partition: 1), Draw(partition: 2) }, Now));
        Assert.True(slow.IsRetired(1));
        await slow.FollowAsync([(1, Now), (2, Now.AddDays(7))]);
        Assert.Equal(Verdict.Expired, await Spend(slow, Draw(partition: 1), Now));
    }

    [Fact]
    public async Task Keys_that_come_and_go_under_load_let_no_token_be_accepted_twice()
    {
        PostgresOptions options = await NewDatabase();
        await using PostgresSpentTokenStore one = await PostgresSpentTokenStore.OpenAsync(options);
        await using PostgresSpentTokenStore two = await PostgresSpentTokenStore.OpenAsync(options);
        for (int key = 1; key <= 5; key++)
        {
            await one.FollowAsync([(key, Now.AddDays(key)), (key + 1, Now.AddDays(key + 1))]);
            UInt128[] tokens = [.. Enumerable.Range(0, 500).Select(_ => Hash())];
            Task<Verdict[]>[] calls = [.. Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
            {
                var verdicts = new List<Verdict>();
                foreach (UInt128[] part in tokens.Chunk(50))
                {
                    verdicts.AddRange(await (caller % 2 == 0 ? one : two).SpendAsync(part.Select(token => new Redemption(key, token, Hash())).ToArray(), Now));
                }

                return verdicts.ToArray();
            }))];
            await one.FollowAsync([(key + 1, Now.AddDays(key + 1))]);
            Verdict[][] all = await Task.WhenAll(calls);
            for (int i = 0; i < tokens.Length; i++)
            {
                Assert.InRange(all.Count(verdicts => verdicts[i] is Verdict.Accepted), 0, 1);
            }

            Assert.Equal(Verdict.Expired, await Spend(two, Draw(key), Now));
        }
    }

    [Fact]
    public async Task A_reader_that_holds_a_retired_partition_delays_its_end_and_nothing_else()
    {
        PostgresOptions options = await NewDatabase();
        await using PostgresSpentTokenStore store = await PostgresSpentTokenStore.OpenAsync(options);
        await store.FollowAsync([(1, Now), (2, Now.AddDays(7))]);
        await Spend(store, Draw(partition: 1), Now);
        await using (NpgsqlConnection backup = await Connect(options))
        {
            await using NpgsqlTransaction reading = await backup.BeginTransactionAsync(TestContext.Current.CancellationToken);
            await Execute(backup, "SELECT count(*) FROM spent");
            await store.FollowAsync([(2, Now.AddDays(7))]);
            Assert.Equal(Verdict.Expired, await Spend(store, Draw(partition: 1), Now));
            Assert.Equal(Verdict.Accepted, await Spend(store, Draw(partition: 2), Now));
            await store.SweepAsync(Now);
            Assert.True(store.IsHealthy);
        }

        await store.SweepAsync(Now);
        await using NpgsqlConnection after = await Connect(options);
        await using var gone = new NpgsqlCommand($"SELECT to_regclass('{PostgresSpentTables.Partition(1)}') IS NULL", after);
        Assert.Equal(true, await gone.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_primary_that_is_killed_is_unavailable_and_after_its_return_each_retry_hears_the_truth()
    {
        Assert.SkipWhen(PostgresCluster.Unavailable is not null, PostgresCluster.Unavailable ?? "");
        await using PostgresCluster cluster = await PostgresCluster.StartAsync();
        var options = new PostgresOptions { ConnectionString = await cluster.CreateDatabaseAsync(), Timeout = TimeSpan.FromSeconds(30) };
        PostgresSpentTokenStore.Create(options);
        await using PostgresSpentTokenStore store = await PostgresSpentTokenStore.OpenAsync(options);
        await KillInTheMiddleAsync(store, cluster.KillAsync, cluster.RestartAsync);
    }

    [Fact]
    public async Task A_standby_that_takes_over_knows_every_accepted_token()
    {
        Assert.SkipWhen(PostgresCluster.Unavailable is not null, PostgresCluster.Unavailable ?? "");
        await using PostgresCluster primary = await PostgresCluster.StartAsync();
        string database = new NpgsqlConnectionStringBuilder(await primary.CreateDatabaseAsync()).Database!;
        await using PostgresCluster standby = await primary.AddSynchronousStandbyAsync();
        var options = new PostgresOptions { ConnectionString = PostgresCluster.ConnectionString(database, primary, standby), Timeout = TimeSpan.FromSeconds(30) };
        PostgresSpentTokenStore.Create(options);
        await using PostgresSpentTokenStore store = await PostgresSpentTokenStore.OpenAsync(options);
        await KillInTheMiddleAsync(store, primary.KillAsync, standby.PromoteAsync);
    }

    [Fact]
    public async Task A_commit_that_gave_up_waiting_for_its_standby_accepts_nothing()
    {
        Assert.SkipWhen(PostgresCluster.Unavailable is not null, PostgresCluster.Unavailable ?? "");
        await using PostgresCluster primary = await PostgresCluster.StartAsync();
        var options = new PostgresOptions { ConnectionString = await primary.CreateDatabaseAsync(), Timeout = TimeSpan.FromSeconds(30) };
        await using PostgresCluster standby = await primary.AddSynchronousStandbyAsync();
        PostgresSpentTokenStore.Create(options);
        await using PostgresSpentTokenStore store = await PostgresSpentTokenStore.OpenAsync(options);
        await store.FollowAsync([(7, Now)]);
        await standby.StopAsync();
        Redemption redemption = Draw();
        foreach (int attempt in new[] { 1, 2 })
        {
            // The second time the row is there already, on one disk only.
            Task<Verdict> waits = Spend(store, redemption, Now);
            await using NpgsqlConnection administrator = await Connect(options);
            await Until(async () => await Count(administrator, "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep'") > 0);
            await Assert.ThrowsAsync<StoreUnavailableException>(() => waits);
        }

        await standby.RestartAsync();
        Assert.Equal(Verdict.Accepted, await Spend(store, redemption, Now));
    }

    [Fact]
    public async Task A_database_that_does_not_answer_is_unavailable_in_time()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var options = new PostgresOptions { ConnectionString = $"Host=127.0.0.1;Port={((IPEndPoint)listener.LocalEndPoint!).Port};Database=x;Username=x", Timeout = TimeSpan.FromSeconds(1) };
        await Assert.ThrowsAsync<StoreUnavailableException>(() => PostgresSpentTokenStore.OpenAsync(options));
    }

    [Fact]
    public async Task A_read_only_database_fails_closed_and_is_used_again_when_it_takes_writes()
    {
        PostgresOptions options = await NewDatabase();
        await using PostgresSpentTokenStore store = await PostgresSpentTokenStore.OpenAsync(options);
        Redemption before = Draw();
        Assert.Equal(Verdict.Accepted, await Spend(store, before, Now));
        string database = new NpgsqlConnectionStringBuilder(options.ConnectionString).Database!;
        await using NpgsqlConnection administrator = await Connect(options);
        await Execute(administrator, $"ALTER DATABASE {database} SET default_transaction_read_only = on");
        await Execute(administrator, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");

        Redemption during = Draw();
        await Until(() => IsUnavailable(store, during));
        Assert.Contains("read-only", (await Assert.ThrowsAsync<StoreUnavailableException>(() => Spend(store, during, Now))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.SweepAsync(Now));
        Assert.False(store.IsHealthy);

        await Execute(administrator, $"SET default_transaction_read_only = off; ALTER DATABASE {database} RESET default_transaction_read_only");
        await Execute(administrator, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");

        // Each pooled connection is found cut at its next use, and not by the same call; the same ids get the same verdicts.
        Redemption[] batch = [before, during, before with { Attempt = Hash() }];
        Verdict[] verdicts = [];
        await Until(async () =>
        {
            try
            {
                verdicts = [.. await store.SpendAsync(batch, Now)];
                return true;
            }
            catch (StoreUnavailableException)
            {
                return false;
            }
        });
        Assert.Equal([Verdict.Accepted, Verdict.Accepted, Verdict.Spent], verdicts);
        Assert.True(store.IsHealthy);
    }

    [Fact]
    public async Task A_full_disk_fails_closed_and_accepts_nothing_twice_after_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Mounting a small file system needs root on Linux.");
        Assert.SkipWhen(PostgresCluster.Unavailable is not null, PostgresCluster.Unavailable ?? "");
        string folder = Directory.CreateTempSubdirectory("veil-test-").FullName;
        Assert.SkipUnless(await Commands.RunAsync("mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", folder), "This sandbox does not let root mount a file system.");
        try
        {
            Assert.True(await Commands.RunAsync("chown", "postgres", folder));
            await using PostgresCluster cluster = await PostgresCluster.StartAsync();
            var options = new PostgresOptions { ConnectionString = await cluster.CreateDatabaseAsync(), Timeout = TimeSpan.FromSeconds(30) };
            await using (NpgsqlConnection administrator = await Connect(options))
            {
                await Execute(administrator, $"CREATE TABLESPACE small LOCATION '{folder}'");
                await Execute(administrator, $"ALTER DATABASE {administrator.Database} SET default_tablespace = small");
            }

            PostgresSpentTokenStore.Create(options);
            await FillAsync(options, () => Commands.RunAsync("mount", "-o", "remount,size=200m", folder));
        }
        finally
        {
            Assert.True(await Commands.RunAsync("umount", "-l", folder));
            Directory.Delete(folder);
        }
    }

    [Fact]
    public async Task A_user_who_owns_the_database_and_nothing_else_is_enough()
    {
        PostgresOptions owner = await NewDatabase();
        var connection = new NpgsqlConnectionStringBuilder(owner.ConnectionString);
        string role = "user_" + connection.Database;
        await using (NpgsqlConnection administrator = await Connect(owner))
        {
            await Execute(administrator, $"CREATE ROLE {role} LOGIN PASSWORD 'a password in a test'; ALTER DATABASE {connection.Database} OWNER TO {role}; DROP TABLE redemptions_0, redemptions_1, redemptions_2, redemptions_3, spent, partitions, veil_schema");
        }

        (connection.Username, connection.Password) = (role, "a password in a test");
        var options = new PostgresOptions { ConnectionString = connection.ConnectionString };
        PostgresSpentTokenStore.Create(options);
        await using PostgresSpentTokenStore store = await PostgresSpentTokenStore.OpenAsync(options);
        Redemption redemption = Draw();
        await store.FollowAsync([(6, Now), (7, Now.AddDays(1))]);
        Assert.Equal(Verdict.Accepted, await Spend(store, redemption, Now));
        Assert.Equal(Verdict.Accepted, await Spend(store, redemption, Now));
        await store.FollowAsync([(7, Now.AddDays(1))]);
        await store.SweepAsync(Now.AddMinutes(21));
    }

    [Fact]
    public async Task A_database_without_tables_is_not_taken_for_an_empty_one()
    {
        Assert.SkipWhen(SharedPostgres.Unavailable is not null, SharedPostgres.Unavailable ?? "");
        var options = new PostgresOptions { ConnectionString = await postgres.CreateDatabaseAsync() };
        Assert.False(PostgresSpentTokenStore.Exists(options));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => PostgresSpentTokenStore.OpenAsync(options));
        PostgresSpentTokenStore.Create(options);
        Assert.True(PostgresSpentTokenStore.Exists(options));
    }

    /// <summary>Spends while the server ends under it, then asks again for everything with the same attempts, and once more with others.</summary>
    private static async Task KillInTheMiddleAsync(PostgresSpentTokenStore store, Func<Task> kill, Func<Task> bringBack)
    {
        Redemption[][] calls = [.. Enumerable.Range(0, 2000).Select(_ => Enumerable.Range(0, 10).Select(_ => Draw()).ToArray())];
        var answered = new Verdict[calls.Length][];
        int done = 0;
        Task traffic = Parallel.ForAsync(0, calls.Length, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (call, _) =>
        {
            try
            {
                answered[call] = await store.SpendAsync(calls[call], Now);
                Interlocked.Increment(ref done);
            }
            catch (StoreUnavailableException)
            {
                // Asked again below.
            }
        });
        await Until(() => Task.FromResult(Volatile.Read(ref done) > 100 || traffic.IsCompleted));
        await kill();
        await traffic;
        Assert.InRange(answered.Count(call => call is null), 1, calls.Length - 100);
        Assert.False(store.IsHealthy);

        await bringBack();
        await Until(async () => !await IsUnavailable(store, Draw()));
        for (int call = 0; call < calls.Length; call++)
        {
            Verdict[] again = await store.SpendAsync(calls[call], Now);
            Assert.All(again, verdict => Assert.Equal(Verdict.Accepted, verdict));
        }

        foreach (Redemption[] call in calls.Chunk(50).Select(some => some.SelectMany(call => call).ToArray()))
        {
            Assert.All(await store.SpendAsync(call.Select(redemption => redemption with { Attempt = Hash() }).ToArray(), Now), verdict => Assert.Equal(Verdict.Spent, verdict));
        }
    }

    /// <summary>Spends until the disk takes no more, then asks for everything that was accepted once more when there is room.</summary>
    private static async Task FillAsync(PostgresOptions options, Func<Task<bool>> makeRoom)
    {
        await using PostgresSpentTokenStore store = await PostgresSpentTokenStore.OpenAsync(options);
        await store.FollowAsync([(7, Now.AddDays(1))]);
        var accepted = new List<Redemption>();
        Redemption[] refused = [];
        StoreUnavailableException? failure = null;
        while (failure is null)
        {
            Redemption[] batch = [.. Enumerable.Range(0, 500).Select(_ => Draw())];
            try
            {
                Assert.All(await store.SpendAsync(batch, Now), verdict => Assert.Equal(Verdict.Accepted, verdict));
                accepted.AddRange(batch);
            }
            catch (StoreUnavailableException e)
            {
                (failure, refused) = (e, batch);
            }
        }

        Assert.NotEmpty(accepted);
        Assert.Contains("No space left on device", failure.Message, StringComparison.Ordinal);
        Assert.False(store.IsHealthy);

        Assert.True(await makeRoom());
        Assert.All(await store.SpendAsync(refused, Now), verdict => Assert.Equal(Verdict.Accepted, verdict));
        foreach (Redemption[] part in accepted.Concat(refused).Chunk(500))
        {
            Assert.All(await store.SpendAsync(part.Select(token => token with { Attempt = Hash() }).ToArray(), Now), verdict => Assert.Equal(Verdict.Spent, verdict));
        }

        Assert.True(store.IsHealthy);
    }

    private static async Task<bool> IsUnavailable(PostgresSpentTokenStore store, Redemption redemption)
    {
        try
        {
            await Spend(store, redemption, Now);
            return false;
        }
        catch (StoreUnavailableException)
        {
            return true;
        }
    }

    private static async Task UntilSomebodyWaits(PostgresOptions options)
    {
        await using NpgsqlConnection connection = await Connect(options);
        await Until(async () => await Count(connection, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") > 0);
    }

    private static async Task Until(Func<Task<bool>> isTrue)
    {
        for (int attempt = 0; attempt < 1200; attempt++)
        {
            if (await isTrue())
                return;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.Fail("It did not come true within a minute.");
    }

    private static string Text(UInt128 hash) => PostgresSpendLane.ToGuid(hash).ToString();

    private static async Task<long> Count(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<NpgsqlConnection> Connect(PostgresOptions options)
    {
        var connection = new NpgsqlConnection(options.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return connection;
    }

    private async Task<PostgresOptions> NewDatabase()
    {
        Assert.SkipWhen(SharedPostgres.Unavailable is not null, SharedPostgres.Unavailable ?? "");
        var options = new PostgresOptions { ConnectionString = await postgres.CreateDatabaseAsync(), Timeout = TimeSpan.FromSeconds(30) };
        PostgresSpentTokenStore.Create(options);
        return options;
    }
}
