using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Veil.Bench.Redeeming;

/// <summary>
/// What a database does alone: as many rows as the same number of redemptions writes (two narrow ones a token, with a random key each), as durable, in commits of 100
/// tokens, with nothing verified and nothing asked. In tokens a second.
/// </summary>
internal static class RawInserts
{
    private const int PerCommit = 100;
    private const int Clients = 4;

    public static async Task<double> PostgresAsync(string connectionString, int tokens)
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(connectionString);
        await using (NpgsqlCommand create = source.CreateCommand("CREATE TABLE raw_spent (partition bigint, token uuid PRIMARY KEY); CREATE TABLE raw_memory (until bigint, attempt uuid PRIMARY KEY)"))
        {
            await create.ExecuteNonQueryAsync();
        }

        long started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
        {
            await using NpgsqlConnection connection = await source.OpenConnectionAsync();
            var first = new NpgsqlParameter<Guid[]>();
            var second = new NpgsqlParameter<Guid[]>();
            await using var insert = new NpgsqlCommand(
                "WITH spent AS (INSERT INTO raw_spent SELECT 7, unnest($1) ON CONFLICT DO NOTHING) INSERT INTO raw_memory SELECT 1, unnest($2) ON CONFLICT DO NOTHING", connection)
            {
                Parameters = { first, second },
            };
            for (int i = 0; i < tokens / Clients / PerCommit; i++)
            {
                first.TypedValue = Keys();
                second.TypedValue = Keys();
                if (i == 0)
                    await insert.PrepareAsync();
                await insert.ExecuteNonQueryAsync();
            }
        })));
        return tokens / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    [SuppressMessage("Security", "CA2100", Justification = "Statements are constants.")]
    public static double Sqlite(string folder, int tokens)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "raw.db")};Pooling=False");
        connection.Open();
        Execute("PRAGMA journal_mode = WAL");
        Execute("PRAGMA synchronous = FULL");
        Execute("CREATE TABLE spent (partition INTEGER, token BLOB, PRIMARY KEY (partition, token)) WITHOUT ROWID");
        Execute("CREATE TABLE memory (period INTEGER, attempt BLOB, until INTEGER, PRIMARY KEY (period, attempt)) WITHOUT ROWID");
        using SqliteCommand spend = Insert("INSERT INTO spent VALUES (7, @key)");
        using SqliteCommand remember = Insert("INSERT INTO memory VALUES (7, @key, 1)");
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; i < tokens / PerCommit; i++)
        {
            using SqliteTransaction transaction = connection.BeginTransaction();
            (spend.Transaction, remember.Transaction) = (transaction, transaction);
            for (int row = 0; row < PerCommit; row++)
            {
                spend.Parameters[0].Value = RandomNumberGenerator.GetBytes(16);
                remember.Parameters[0].Value = RandomNumberGenerator.GetBytes(16);
                spend.ExecuteNonQuery();
                remember.ExecuteNonQuery();
            }

            transaction.Commit();
        }

        return tokens / Stopwatch.GetElapsedTime(started).TotalSeconds;

        void Execute(string sql)
        {
            using var command = new SqliteCommand(sql, connection);
            command.ExecuteNonQuery();
        }

        SqliteCommand Insert(string sql)
        {
            var command = new SqliteCommand(sql, connection);
            command.Parameters.Add("@key", SqliteType.Blob);
            return command;
        }
    }

    private static Guid[] Keys()
    {
        var keys = new Guid[PerCommit];
        for (int i = 0; i < keys.Length; i++)
        {
            keys[i] = Guid.NewGuid();
        }

        return keys;
    }
}
