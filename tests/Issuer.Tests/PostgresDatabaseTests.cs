using System.Runtime.Versioning;
using Npgsql;
using Veil.Postgres;
using Veil.Proofs.Databases;

namespace Veil.Issuer.Tests;

public sealed class PostgresDatabaseTests(SharedPostgres postgres)
{
    private static readonly PostgresSchema First = new("things", ["CREATE TABLE things (id integer PRIMARY KEY)"]);
    private static readonly PostgresSchema Second = new("things", [.. First.Migrations, "ALTER TABLE things ADD COLUMN name text NOT NULL DEFAULT 'x'"]);

    [Fact]
    public async Task A_schema_is_made_once_and_only_goes_forward()
    {
        PostgresOptions options = await NewDatabase();
        using (var first = new PostgresDatabase(options, First))
        {
            Assert.False(first.Exists());
            Assert.Contains("no tables", Assert.Throws<PostgresUnavailableException>(first.Upgrade).Message, StringComparison.Ordinal);
            first.Create();
            first.Create();
            Assert.True(first.Exists());
            Insert(first, "INSERT INTO things VALUES (1)");
        }

        using (var second = new PostgresDatabase(options, Second))
        {
            second.Upgrade();
            Insert(second, "INSERT INTO things VALUES (2, 'y')");
        }

        using var old = new PostgresDatabase(options, First);
        Assert.Contains("newer", Assert.Throws<PostgresUnavailableException>(old.Upgrade).Message, StringComparison.Ordinal);
        Assert.Contains("newer", Assert.Throws<PostgresUnavailableException>(old.Create).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_programs_that_start_at_once_migrate_once()
    {
        PostgresOptions options = await NewDatabase();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            using var database = new PostgresDatabase(options, Second);
            database.Create();
        })));
        using var after = new PostgresDatabase(options, Second);
        Insert(after, "INSERT INTO things VALUES (1)");
    }

    [Theory]
    [InlineData("synchronous_commit", "off")]
    [InlineData("synchronous_commit", "local")]
    [InlineData("synchronous_commit", "remote_write")]
    public async Task A_database_whose_commits_may_be_lost_is_refused_by_name(string setting, string value)
    {
        PostgresOptions options = await NewDatabase();
        string database = new NpgsqlConnectionStringBuilder(options.ConnectionString).Database!;
        using (var other = new PostgresDatabase(options, First))
        {
            other.Create();
            Insert(other, $"ALTER DATABASE {database} SET {setting} = {value}");
        }

        using var refused = new PostgresDatabase(options, First);
        string message = Assert.Throws<PostgresUnavailableException>(refused.Upgrade).Message;
        Assert.Contains($"{setting} is {value}", message, StringComparison.Ordinal);
        Assert.Contains(database, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fsync=off")]
    [InlineData("full_page_writes=off")]
    public async Task A_server_that_a_power_cut_damages_is_refused(string setting)
    {
        Assert.SkipWhen(PostgresCluster.Unavailable is not null, PostgresCluster.Unavailable ?? "");
        await using PostgresCluster cluster = await PostgresCluster.StartAsync(setting);
        using var database = new PostgresDatabase(new PostgresOptions { ConnectionString = await cluster.CreateDatabaseAsync() }, First);
        Assert.Contains($"{setting.Split('=')[0]} is off", Assert.Throws<PostgresUnavailableException>(database.Create).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_away_is_unavailable_and_used_again_when_it_is_back()
    {
        Assert.SkipWhen(PostgresCluster.Unavailable is not null, PostgresCluster.Unavailable ?? "");
        await using PostgresCluster cluster = await PostgresCluster.StartAsync();
        using var database = new PostgresDatabase(new PostgresOptions { ConnectionString = await cluster.CreateDatabaseAsync(), Timeout = TimeSpan.FromSeconds(30) }, First);
        database.Create();
        await cluster.KillAsync();
        Assert.Throws<PostgresUnavailableException>(() => Insert(database, "INSERT INTO things VALUES (1)"));
        await Assert.ThrowsAsync<PostgresUnavailableException>(async () => await database.OpenAsync(TestContext.Current.CancellationToken));
        await cluster.RestartAsync();
        Insert(database, "INSERT INTO things VALUES (1)");
    }

    [Fact]
    public async Task After_a_failover_the_standby_that_became_primary_is_used()
    {
        Assert.SkipWhen(PostgresCluster.Unavailable is not null, PostgresCluster.Unavailable ?? "");
        await using PostgresCluster primary = await PostgresCluster.StartAsync();
        string name = new NpgsqlConnectionStringBuilder(await primary.CreateDatabaseAsync()).Database!;
        await using PostgresCluster standby = await primary.AddSynchronousStandbyAsync();
        using var database = new PostgresDatabase(
            new PostgresOptions { ConnectionString = PostgresCluster.ConnectionString(name, primary, standby), Timeout = TimeSpan.FromSeconds(30) }, First);
        database.Create();
        Insert(database, "INSERT INTO things VALUES (1)");
        await primary.KillAsync();
        Assert.Throws<PostgresUnavailableException>(() => Insert(database, "INSERT INTO things VALUES (2)"));
        await standby.PromoteAsync();
        await Until(() => TryInsert(database, "INSERT INTO things VALUES (3)"));
        Assert.Equal(2L, database.Run(connection => new NpgsqlCommand("SELECT count(*) FROM things", connection).ExecuteScalar()));
    }

    [Fact]
    public async Task A_standby_alone_is_refused()
    {
        Assert.SkipWhen(PostgresCluster.Unavailable is not null, PostgresCluster.Unavailable ?? "");
        await using PostgresCluster primary = await PostgresCluster.StartAsync();
        await using PostgresCluster standby = await primary.AddSynchronousStandbyAsync();
        using var database = new PostgresDatabase(new PostgresOptions { ConnectionString = standby.ConnectionString("postgres") }, First);
        Assert.Contains("standby", Assert.Throws<PostgresUnavailableException>(database.Create).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Schemas_that_must_stay_apart_do_not_share_a_database()
    {
        PostgresOptions options = await NewDatabase();
        using var things = new PostgresDatabase(options, First);
        things.Create();
        using var apart = new PostgresDatabase(options, new PostgresSchema("others", ["CREATE TABLE others ()"], ApartFrom: "things"));
        Assert.Contains("a database of its own", Assert.Throws<PostgresUnavailableException>(apart.Create).Message, StringComparison.Ordinal);
        using var beside = new PostgresDatabase(options, new PostgresSchema("others", ["CREATE TABLE others ()"]));
        beside.Create();
    }

    [Fact, UnsupportedOSPlatform("windows")]
    public async Task A_password_comes_from_a_file_that_only_its_owner_reads()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no Unix file modes to check.");
        PostgresOptions given = await NewDatabase();
        var connection = new NpgsqlConnectionStringBuilder(given.ConnectionString);
        string folder = Directory.CreateTempSubdirectory("veil-test-").FullName;
        try
        {
            string file = Path.Combine(folder, "password");
            File.WriteAllText(file, connection.Password + "\n");
            connection.Password = null;
            var options = new PostgresOptions { ConnectionString = connection.ConnectionString, PasswordFile = file };
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.GroupRead);
            Assert.Contains("chmod 600", Assert.Throws<PostgresUnavailableException>(() => new PostgresDatabase(options, First)).Message, StringComparison.Ordinal);
            File.SetUnixFileMode(file, UnixFileMode.UserRead);
            using var database = new PostgresDatabase(options, First);
            database.Create();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("Host=db.example;Database=veil", "db.example is another machine")]
    [InlineData("Host=db.example;Database=veil;SSL Mode=Require", "db.example is another machine")]
    [InlineData("Host=127.0.0.1,db.example:5433;Database=veil", "db.example:5433 is another machine")]
    [InlineData("Host=localhost", "names no Host or no Database")]
    [InlineData("Database=veil", "names no Host or no Database")]
    [InlineData("Host=localhost;Database=veil;Multiplexing=true", "Multiplexing")]
    [InlineData("Host=localhost;Database=veil;hunter2=hunter2", "is not a connection string")]
    [InlineData("Host=localhost;Database=veil;Password=\"hunter2", "is not a connection string")]
    public void Wrong_settings_are_named_and_no_secret_with_them(string connectionString, string named)
    {
        string? problem = new PostgresOptions { ConnectionString = connectionString }.Problem();
        Assert.Contains(named, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=db.example;Database=veil;SSL Mode=VerifyFull")]
    [InlineData("Host=/var/run/postgresql;Database=veil")]
    [InlineData("Host=127.0.0.1;Database=veil;Password=secret")]
    [InlineData("Host=::1;Database=veil")]
    [InlineData("Host=localhost:5433,127.0.0.2;Database=veil")]
    public void Good_settings_have_no_problem(string connectionString) => Assert.Null(new PostgresOptions { ConnectionString = connectionString }.Problem());

    [Fact]
    public async Task A_wrong_password_is_told_without_it()
    {
        var connection = new NpgsqlConnectionStringBuilder((await NewDatabase()).ConnectionString) { Password = "hunter2" };
        using var database = new PostgresDatabase(new PostgresOptions { ConnectionString = connection.ConnectionString }, First);
        string message = Assert.Throws<PostgresUnavailableException>(database.Create).Message;
        Assert.Contains("password authentication failed", message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", message, StringComparison.Ordinal);
    }

    private async Task<PostgresOptions> NewDatabase()
    {
        Assert.SkipWhen(SharedPostgres.Unavailable is not null, SharedPostgres.Unavailable ?? "");
        return new PostgresOptions { ConnectionString = await postgres.CreateDatabaseAsync(), Timeout = TimeSpan.FromSeconds(30) };
    }

    private static void Insert(PostgresDatabase database, string sql) => database.Run(connection => new NpgsqlCommand(sql, connection).ExecuteNonQuery());

    private static bool TryInsert(PostgresDatabase database, string sql)
    {
        try
        {
            Insert(database, sql);
            return true;
        }
        catch (PostgresUnavailableException)
        {
            return false;
        }
    }

    private static async Task Until(Func<bool> isTrue)
    {
        for (int attempt = 0; attempt < 600; attempt++)
        {
            if (isTrue())
                return;
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.Fail("It did not come true within a minute.");
    }
}
