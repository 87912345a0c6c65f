using Npgsql;
using Microsoft.Data.Sqlite;
using Veil.Postgres;
using Veil.Proofs.Databases;

namespace Veil.Issuer.Tests;

/// <summary>A database for spent tokens that a test opens, looks into and opens again.</summary>
internal abstract class TestStore : IAsyncDisposable
{
    /// <summary>The kinds that every test of the family runs on.</summary>
    public static TheoryData<string> Kinds { get; } = ["SQLite", "PostgreSQL"];

    /// <summary>An empty store of a kind.</summary>
    public static async Task<TestStore> CreateAsync(string kind, SharedPostgres postgres)
    {
        if (kind is "SQLite")
            return new SqliteTestStore();
        Assert.SkipWhen(SharedPostgres.Unavailable is not null, SharedPostgres.Unavailable ?? "");
        return new PostgresTestStore(await postgres.CreateDatabaseAsync());
    }

    /// <summary>Opens it, as one replica does.</summary>
    public abstract Task<ISpentTokenStore> OpenAsync();

    /// <summary>Rows of spent tokens.</summary>
    public abstract long CountSpent();

    /// <summary>Remembered redemptions.</summary>
    public abstract long CountRemembered();

    /// <summary>The columns in which spent tokens lie.</summary>
    public abstract List<string> SpentColumns();

    public abstract ValueTask DisposeAsync();

    private sealed class SqliteTestStore : TestStore
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("veil-spent-").FullName;

        private string Database => Path.Combine(_folder, "spent.db");

        public override Task<ISpentTokenStore> OpenAsync()
        {
            SqliteSpentTokenStore.Create(Database);
            return Task.FromResult<ISpentTokenStore>(new SqliteSpentTokenStore(Database));
        }

        public override long CountSpent() => (long)Ask("SELECT count(*) FROM spent").Single();

        public override long CountRemembered() => (long)Ask("SELECT count(*) FROM redemptions").Single();

        public override List<string> SpentColumns() => [.. Ask("SELECT name FROM pragma_table_info('spent')").Cast<string>()];

        public override ValueTask DisposeAsync()
        {
            Directory.Delete(_folder, recursive: true);
            return ValueTask.CompletedTask;
        }

        private List<object> Ask(string sql)
        {
            using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
            connection.Open();
            using SqliteCommand command = connection.Prepare(sql);
            using SqliteDataReader rows = command.ExecuteReader();
            var values = new List<object>();
            while (rows.Read())
            {
                values.Add(rows.GetValue(0));
            }

            return values;
        }
    }

    private sealed class PostgresTestStore(string connectionString) : TestStore
    {
        private readonly PostgresOptions _options = new() { ConnectionString = connectionString, Timeout = TimeSpan.FromSeconds(30) };

        public override async Task<ISpentTokenStore> OpenAsync()
        {
            PostgresSpentTokenStore.Create(_options);
            return await PostgresSpentTokenStore.OpenAsync(_options);
        }

        public override long CountSpent() => (long)Ask("SELECT count(*) FROM spent").Single();

        public override long CountRemembered() => Enumerable.Range(0, PostgresSpentTables.MemorySlots).Sum(slot => (long)Ask($"SELECT count(*) FROM redemptions_{slot}").Single());

        public override List<string> SpentColumns() =>
            [.. Ask("SELECT column_name::text FROM information_schema.columns WHERE table_name = 'spent' ORDER BY ordinal_position").Cast<string>()];

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private List<object> Ask(string sql)
        {
            using var database = new PostgresDatabase(_options, PostgresSpentTables.Schema);
            return database.Run(connection =>
            {
                using var command = new NpgsqlCommand(sql, connection);
                using NpgsqlDataReader rows = command.ExecuteReader();
                var values = new List<object>();
                while (rows.Read())
                {
                    values.Add(rows.GetValue(0));
                }

                return values;
            });
        }
    }
}
