using Microsoft.Data.Sqlite;

namespace Veil.Issuer;

/// <summary>Accounts in a SQLite file: a server and the <c>accounts</c> commands use it at the same time.</summary>
internal sealed class SqliteAccountStore(string path) : IAccountStore, IDisposable
{
    private const int ConstraintViolated = 19;
    private const string Columns = "id, attester, name, class, quota, disabled";

    private readonly Lock _lock = new();
    private readonly SqliteDatabase _database = AccountsDatabase.At(path);
    private SqliteConnection? _connection;
    private SqliteCommand? _find;

    public Task<(Account Account, ApiKeyHash? Key)?> FindAsync(string id) => Guarded(_ => Find(id));

    public Task<Account> FindOrAddAsync(Account unseen) => Guarded(connection =>
    {
        if (Find(unseen.Id) is { } known)
            return known.Account;

        // Another replica may have been first.
        Insert(connection, unseen, key: null, "ON CONFLICT DO NOTHING");
        return Find(unseen.Id)!.Value.Account;
    });

    public Task<bool> AddAsync(Account account, ApiKeyHash? key) => Guarded(connection =>
    {
        try
        {
            return Insert(
                connection, account, key, "ON CONFLICT (id) DO UPDATE SET name = excluded.name, class = excluded.class, quota = excluded.quota WHERE accounts.name IS NULL");
        }
        catch (SqliteException taken) when (taken.SqliteErrorCode == ConstraintViolated)
        {
            return false;
        }
    });

    public Task<IReadOnlyList<Account>> ListAsync() => Guarded<IReadOnlyList<Account>>(connection =>
    {
        using SqliteCommand select = connection.Prepare($"SELECT {Columns} FROM accounts ORDER BY name IS NULL, name, id");
        using SqliteDataReader rows = select.ExecuteReader();
        var accounts = new List<Account>();
        while (rows.Read())
        {
            accounts.Add(ReadAccount(rows));
        }

        return accounts;
    });

    public Task<bool> SetDisabledAsync(string nameOrId, bool disabled) => Guarded(connection =>
    {
        using SqliteCommand update = connection.Prepare(
            "UPDATE accounts SET disabled = @disabled WHERE id = coalesce((SELECT id FROM accounts WHERE name = @account), @account)", "@account", "@disabled");
        return update.With(nameOrId, disabled).ExecuteNonQuery() == 1;
    });

    public Task<byte[]> KeepIdentityKeyAsync(byte[] proposed) => Guarded(connection =>
    {
        using SqliteCommand keep = connection.Prepare("INSERT INTO identity_key VALUES (1, @wrapped) ON CONFLICT DO NOTHING", "@wrapped");
        keep.With(proposed).ExecuteNonQuery();
        using SqliteCommand read = connection.Prepare("SELECT wrapped FROM identity_key");
        return (byte[])read.ExecuteScalar()!;
    });

    /// <summary>Closes the file.</summary>
    public void Dispose() => Disconnect();

    private static bool Insert(SqliteConnection connection, Account account, ApiKeyHash? key, string onConflict)
    {
        using SqliteCommand insert = connection.Prepare(
            $"INSERT INTO accounts ({Columns}, salt, key_hash) VALUES (@id, @attester, @name, @class, @quota, @disabled, @salt, @hash) {onConflict}",
            "@id", "@attester", "@name", "@class", "@quota", "@disabled", "@salt", "@hash");
        return insert.With(
            account.Id, account.Attester.ToString(), OrNull(account.Name), OrNull(account.Class), OrNull(account.Quota), account.IsDisabled, OrNull(key?.Salt), OrNull(key?.Hash))
            .ExecuteNonQuery() == 1;
    }

    private static object OrNull(object? value) => value ?? DBNull.Value;

    private static Account ReadAccount(SqliteDataReader row) => new(
        row.GetString(0), Enum.Parse<AttesterKind>(row.GetString(1)), row.IsDBNull(2) ? null : row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3),
        row.IsDBNull(4) ? null : row.GetInt32(4), row.GetBoolean(5));

    private (Account Account, ApiKeyHash? Key)? Find(string id)
    {
        _find ??= _connection!.Prepare($"SELECT {Columns}, salt, key_hash FROM accounts WHERE id = @id", "@id");
        using SqliteDataReader row = _find.With(id).ExecuteReader();
        if (!row.Read())
            return null;
        return (ReadAccount(row), row.IsDBNull(6) ? null : new ApiKeyHash(row.GetFieldValue<byte[]>(6), row.GetFieldValue<byte[]>(7)));
    }

    private Task<T> Guarded<T>(Func<SqliteConnection, T> work)
    {
        lock (_lock)
        {
            try
            {
                _connection ??= _database.Open();
                if (!_database.IsInPlace)
                    throw new StoreUnavailableException($"the database {_database.Path} was removed while it was open");
                return Task.FromResult(work(_connection));
            }
            catch (Exception e) when (e is SqliteException or StoreUnavailableException)
            {
                Disconnect();
                return Task.FromException<T>(e as StoreUnavailableException ?? new StoreUnavailableException($"the database {_database.Path} failed: {e.Message}", e));
            }
        }
    }

    private void Disconnect()
    {
        _find?.Dispose();
        _connection?.Dispose();
        _find = null;
        _connection = null;
    }
}
