using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace Veil.Issuer;

/// <summary>Accounts in a SQLite file: a server reads, the <c>accounts</c> commands write, at the same time.</summary>
internal sealed class AccountStore(string path) : IDisposable
{
    private const int ConstraintViolated = 19;

    private static readonly string[] Migrations =
    [
        """
        CREATE TABLE accounts (
            id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, salt BLOB NOT NULL, key_hash BLOB NOT NULL, quota INTEGER, disabled INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE quotas (account TEXT NOT NULL, partition INTEGER NOT NULL, drawn INTEGER NOT NULL, PRIMARY KEY (account, partition)) STRICT, WITHOUT ROWID;
        """,
    ];

    /// <summary>Stands in for the row of an account that does not exist, so that its key takes the same path as a wrong one.</summary>
    private static readonly Row Nobody = new(new Account("", "", null, true), new byte[16], new byte[SHA256.HashSizeInBytes]);

    private readonly Lock _lock = new();
    private readonly SqliteDatabase _database = Database(path);
    private SqliteConnection? _connection;
    private SqliteCommand? _find;

    /// <summary>The schema that accounts and quotas share.</summary>
    public static SqliteDatabase Database(string path) => new(path, Migrations);

    /// <summary>The account that an API key belongs to.</summary>
    /// <exception cref="StoreUnavailableException">The store cannot tell.</exception>
    public bool TryAuthenticate(ApiKey key, [NotNullWhen(true)] out Account? account)
    {
        Row row = Guarded(connection => Find(connection, key.AccountId)) ?? Nobody;
        bool matches = CryptographicOperations.FixedTimeEquals(key.Hash(row.Salt), row.Hash);
        account = matches ? row.Account : null;
        return matches;
    }

    /// <summary>Adds an account and gives its key, which cannot be had again.</summary>
    /// <returns>Null when the name is taken.</returns>
    /// <exception cref="StoreUnavailableException">The store failed.</exception>
    public ApiKey? Add(string name, int? quota)
    {
        ApiKey key = ApiKey.Create();
        byte[] salt = ApiKey.NewSalt();
        return Guarded(connection =>
        {
            using SqliteCommand insert = connection.Prepare(
                "INSERT INTO accounts VALUES (@id, @name, @salt, @hash, @quota, 0)", "@id", "@name", "@salt", "@hash", "@quota");
            try
            {
                insert.With(key.AccountId, name, salt, key.Hash(salt), quota.HasValue ? quota.Value : DBNull.Value).ExecuteNonQuery();
                return key;
            }
            catch (SqliteException taken) when (taken.SqliteErrorCode == ConstraintViolated)
            {
                return null;
            }
        });
    }

    /// <summary>All accounts by name.</summary>
    /// <exception cref="StoreUnavailableException">The store failed.</exception>
    public IReadOnlyList<Account> List() => Guarded(connection =>
    {
        using SqliteCommand select = connection.Prepare("SELECT id, name, quota, disabled FROM accounts ORDER BY name");
        using SqliteDataReader rows = select.ExecuteReader();
        var accounts = new List<Account>();
        while (rows.Read())
        {
            accounts.Add(ReadAccount(rows));
        }

        return accounts;
    });

    /// <summary>Issues nothing to an account any more.</summary>
    /// <returns>False when there is no account of this name.</returns>
    /// <exception cref="StoreUnavailableException">The store failed.</exception>
    public bool Disable(string name) => Guarded(connection =>
    {
        using SqliteCommand update = connection.Prepare("UPDATE accounts SET disabled = 1 WHERE name = @name", "@name");
        return update.With(name).ExecuteNonQuery() == 1;
    });

    /// <summary>Closes the file.</summary>
    public void Dispose() => Disconnect();

    private static Account ReadAccount(SqliteDataReader row) => new(row.GetString(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetInt32(2), row.GetBoolean(3));

    private Row? Find(SqliteConnection connection, string id)
    {
        _find ??= connection.Prepare("SELECT id, name, quota, disabled, salt, key_hash FROM accounts WHERE id = @id", "@id");
        using SqliteDataReader row = _find.With(id).ExecuteReader();
        return row.Read() ? new Row(ReadAccount(row), row.GetFieldValue<byte[]>(4), row.GetFieldValue<byte[]>(5)) : null;
    }

    private T Guarded<T>(Func<SqliteConnection, T> work)
    {
        lock (_lock)
        {
            try
            {
                _connection ??= _database.Open();
                if (!_database.IsInPlace)
                    throw new StoreUnavailableException($"the database {_database.Path} was removed while it was open");
                return work(_connection);
            }
            catch (Exception e) when (e is SqliteException or StoreUnavailableException)
            {
                Disconnect();
                throw e as StoreUnavailableException ?? new StoreUnavailableException($"the database {_database.Path} failed: {e.Message}", e);
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

    private sealed record Row(Account Account, byte[] Salt, byte[] Hash);
}
