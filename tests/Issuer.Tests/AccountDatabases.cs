using Microsoft.Data.Sqlite;
using Npgsql;
using Veil.Postgres;
using Veil.Proofs.Databases;

namespace Veil.Issuer.Tests;

/// <summary>Databases for the batteries of accounts and quotas.</summary>
internal static class AccountDatabases
{
    public static StoreUnderTest<TStore> OnSqlite<TStore>(Func<StoreOptions, TStore> open)
        where TStore : class
    {
        string folder = Directory.CreateTempSubdirectory("veil-test-").FullName;
        var options = new StoreOptions { Accounts = Path.Combine(folder, "accounts.db") };
        return new StoreUnderTest<TStore>(open(options), () => Directory.Delete(folder, recursive: true), async () =>
        {
            await using var connection = new SqliteConnection($"Data Source={options.Accounts};Pooling=False");
            await connection.OpenAsync();
            await using SqliteCommand read = connection.Prepare("SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table'");
            await using SqliteDataReader rows = await read.ExecuteReaderAsync();
            return await TablesAsync(rows);
        });
    }

    public static async Task<StoreUnderTest<TStore>> OnPostgresAsync<TStore>(SharedPostgres postgres, Func<StoreOptions, TStore> open)
        where TStore : class
    {
        StoreOptions options = await PostgresOptionsAsync(postgres);
        return new StoreUnderTest<TStore>(open(options), () => { }, async () =>
        {
            await using var connection = new NpgsqlConnection(options.AccountsPostgres!.ConnectionString);
            await connection.OpenAsync();
            await using var read = new NpgsqlCommand(
                "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'veil_schema'", connection);
            await using NpgsqlDataReader rows = await read.ExecuteReaderAsync();
            return await TablesAsync(rows);
        });
    }

    public static async Task<StoreOptions> PostgresOptionsAsync(SharedPostgres postgres)
    {
        Assert.SkipWhen(SharedPostgres.Unavailable is not null, SharedPostgres.Unavailable ?? "");
        return new StoreOptions { AccountsPostgres = new PostgresOptions { ConnectionString = await postgres.CreateDatabaseAsync(), Timeout = TimeSpan.FromSeconds(30) } };
    }

    private static async Task<List<string>> TablesAsync(System.Data.Common.DbDataReader rows)
    {
        var columns = new List<(string Table, string Column)>();
        while (await rows.ReadAsync())
        {
            columns.Add((rows.GetString(0), rows.GetString(1)));
        }

        return [.. columns.GroupBy(row => row.Table).OrderBy(table => table.Key, StringComparer.Ordinal)
            .Select(table => $"{table.Key}: {string.Join(", ", table.Select(row => row.Column).Order(StringComparer.Ordinal))}")];
    }
}
