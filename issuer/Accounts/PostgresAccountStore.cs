using System.Diagnostics.CodeAnalysis;
using Npgsql;
using NpgsqlTypes;
using Veil.Postgres;

namespace Veil.Issuer;

/// <summary>Accounts in a PostgreSQL database, which replicas share.</summary>
internal sealed class PostgresAccountStore(PostgresDatabase database) : IAccountStore, IDisposable
{
    private const string Columns = "id, attester, name, class, quota, disabled";

    public Task<(Account Account, ApiKeyHash? Key)?> FindAsync(string id) => database.AskAsync(connection => FindAsync(connection, id));

    public Task<Account> FindOrAddAsync(Account unseen) => database.AskAsync(async connection =>
    {
        if (await FindAsync(connection, unseen.Id).ConfigureAwait(false) is { } known)
            return known.Account;

        // Another replica may have been first.
        await InsertAsync(connection, unseen, key: null, "ON CONFLICT DO NOTHING").ConfigureAwait(false);
        return (await FindAsync(connection, unseen.Id).ConfigureAwait(false))!.Value.Account;
    });

    public Task<bool> AddAsync(Account account, ApiKeyHash? key) => database.AskAsync(async connection =>
    {
        try
        {
            return await InsertAsync(
                connection, account, key, "ON CONFLICT (id) DO UPDATE SET name = excluded.name, class = excluded.class, quota = excluded.quota WHERE accounts.name IS NULL")
                .ConfigureAwait(false);
        }
        catch (PostgresException taken) when (taken.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return false;
        }
    });

    public Task<IReadOnlyList<Account>> ListAsync() => database.AskAsync<IReadOnlyList<Account>>(async connection =>
    {
        await using NpgsqlCommand select = Command(connection, $"SELECT {Columns} FROM accounts ORDER BY name COLLATE \"C\" NULLS LAST, id COLLATE \"C\"");
        await using NpgsqlDataReader rows = await select.ExecuteReaderAsync().ConfigureAwait(false);
        var accounts = new List<Account>();
        while (await rows.ReadAsync().ConfigureAwait(false))
        {
            accounts.Add(ReadAccount(rows));
        }

        return accounts;
    });

    public Task<bool> SetDisabledAsync(string nameOrId, bool disabled) => database.AskAsync(async connection =>
    {
        await using NpgsqlCommand update = Command(
            connection, "UPDATE accounts SET disabled = $2 WHERE id = coalesce((SELECT id FROM accounts WHERE name = $1), $1)", Text(nameOrId), new NpgsqlParameter<bool> { TypedValue = disabled });
        return await update.ExecuteNonQueryAsync().ConfigureAwait(false) == 1;
    });

    public Task<byte[]> KeepIdentityKeyAsync(byte[] proposed) => database.AskAsync(async connection =>
    {
        await using NpgsqlCommand keep = Command(connection, "INSERT INTO identity_key VALUES (true, $1) ON CONFLICT DO NOTHING", Bytes(proposed));
        await keep.ExecuteNonQueryAsync().ConfigureAwait(false);
        await using NpgsqlCommand read = Command(connection, "SELECT wrapped FROM identity_key");
        return (byte[])(await read.ExecuteScalarAsync().ConfigureAwait(false))!;
    });

    /// <summary>Closes the connections.</summary>
    public void Dispose() => database.Dispose();

    private static async Task<(Account Account, ApiKeyHash? Key)?> FindAsync(NpgsqlConnection connection, string id)
    {
        await using NpgsqlCommand find = Command(connection, $"SELECT {Columns}, salt, key_hash FROM accounts WHERE id = $1", Text(id));
        await using NpgsqlDataReader row = await find.ExecuteReaderAsync().ConfigureAwait(false);
        if (!await row.ReadAsync().ConfigureAwait(false))
            return null;
        return (ReadAccount(row), row.IsDBNull(6) ? null : new ApiKeyHash(row.GetFieldValue<byte[]>(6), row.GetFieldValue<byte[]>(7)));
    }

    private static async Task<bool> InsertAsync(NpgsqlConnection connection, Account account, ApiKeyHash? key, string onConflict)
    {
        await using NpgsqlCommand insert = Command(
            connection,
            $"INSERT INTO accounts ({Columns}, salt, key_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) {onConflict}",
            Text(account.Id),
            Text(account.Attester.ToString()),
            Text(account.Name),
            Text(account.Class),
            new NpgsqlParameter { Value = account.Quota is { } quota ? quota : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer },
            new NpgsqlParameter<bool> { TypedValue = account.IsDisabled },
            Bytes(key?.Salt),
            Bytes(key?.Hash));
        return await insert.ExecuteNonQueryAsync().ConfigureAwait(false) == 1;
    }

    private static Account ReadAccount(NpgsqlDataReader row) => new(
        row.GetString(0), Enum.Parse<AttesterKind>(row.GetString(1)), row.IsDBNull(2) ? null : row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3),
        row.IsDBNull(4) ? null : row.GetInt32(4), row.GetBoolean(5));

    private static NpgsqlParameter Text(string? value) => new() { Value = value is null ? DBNull.Value : value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Bytes(byte[]? value) => new() { Value = value is null ? DBNull.Value : value, NpgsqlDbType = NpgsqlDbType.Bytea };

    [SuppressMessage("Security", "CA2100", Justification = "Statements are constants of this program; what comes from outside is bound.")]
    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (NpgsqlParameter parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
