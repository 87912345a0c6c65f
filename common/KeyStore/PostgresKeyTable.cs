using Npgsql;
using Veil.Postgres;

namespace Veil.KeyStore;

/// <summary>
/// Wrapped keys as rows of the table <c>keys</c> of a PostgreSQL database, which replicas share. A change is one transaction under a lock that all of them take, so that two
/// never make a key for the same time. One thread uses it.
/// </summary>
public sealed class PostgresKeyTable : KeyStorage
{
    /// <summary>Of the advisory lock under which rings change; the number is arbitrary and must never change.</summary>
    private const long ChangeLock = 0x5645494C_00000003;

    private static readonly PostgresSchema Schema = new(
        "keys",
        ["CREATE TABLE keys (kind text NOT NULL, serial bigint NOT NULL, wrapped bytea NOT NULL, PRIMARY KEY (kind, serial))"]);

    private readonly PostgresDatabase _database;
    private readonly string _kind;
    private NpgsqlConnection? _changing;

    /// <param name="options">The database; the table is made when absent.</param>
    /// <param name="kind">What the keys are for: rings of several kinds may share a table.</param>
    /// <param name="wrappingKey">Stays the caller's.</param>
    /// <exception cref="KeyStoreException">The database cannot be used.</exception>
    public PostgresKeyTable(PostgresOptions options, string kind, WrappingKey wrappingKey)
        : base(kind, wrappingKey)
    {
        _kind = kind;
        _database = Guarded(() => new PostgresDatabase(options, Schema));
        try
        {
            Guarded(() =>
            {
                _database.Create();
                return true;
            });
        }
        catch // Whatever went wrong goes on to the caller; only the connections must not stay open.
        {
            _database.Dispose();
            throw;
        }
    }

    /// <summary>True when there is at least one key of a kind; makes nothing.</summary>
    /// <exception cref="KeyStoreException">The database cannot be used.</exception>
    public static bool HoldsKeys(PostgresOptions options, string kind) => Guarded(() =>
    {
        using var database = new PostgresDatabase(options, Schema);
        return database.Exists() && database.Run(connection =>
        {
            using var find = new NpgsqlCommand("SELECT EXISTS (SELECT 1 FROM keys WHERE kind = $1)", connection) { Parameters = { Text(kind) } };
            return find.ExecuteScalar() is true;
        });
    });

    /// <summary>Runs one change of the ring in a transaction, while no other process makes one.</summary>
    /// <exception cref="KeyStoreException">Another process holds the lock for longer than the database's timeout, or the database cannot be used.</exception>
    public override T Locked<T>(Func<T> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return Guarded(() => _database.Run(connection =>
        {
            using NpgsqlTransaction transaction = connection.BeginTransaction();
            using (var take = new NpgsqlCommand("SELECT pg_advisory_xact_lock($1)", connection) { Parameters = { new NpgsqlParameter<long> { TypedValue = ChangeLock } } })
            {
                take.ExecuteNonQuery();
            }

            _changing = connection;
            try
            {
                T result = change();
                transaction.Commit();
                return result;
            }
            finally
            {
                _changing = null;
            }
        }));
    }

    /// <summary>Deletes a key; nothing happens when it is gone already.</summary>
    public override void Destroy(ulong serial) => Ask(connection =>
    {
        using var delete = new NpgsqlCommand("DELETE FROM keys WHERE kind = $1 AND serial = $2", connection) { Parameters = { Text(_kind), Number(serial) } };
        return delete.ExecuteNonQuery();
    });

    /// <inheritdoc/>
    public override void Dispose()
    {
        _database.Dispose();
        base.Dispose();
    }

    private protected override IReadOnlyList<(ulong Serial, byte[] Wrapped)> ReadAll() => Ask(connection =>
    {
        using var read = new NpgsqlCommand("SELECT serial, wrapped FROM keys WHERE kind = $1 ORDER BY serial", connection) { Parameters = { Text(_kind) } };
        using NpgsqlDataReader rows = read.ExecuteReader();
        var keys = new List<(ulong Serial, byte[] Wrapped)>();
        while (rows.Read())
        {
            keys.Add((unchecked((ulong)rows.GetInt64(0)), rows.GetFieldValue<byte[]>(1)));
        }

        return keys;
    });

    private protected override byte[] ReadOne(ulong serial) => Ask(connection =>
    {
        using var read = new NpgsqlCommand("SELECT wrapped FROM keys WHERE kind = $1 AND serial = $2", connection) { Parameters = { Text(_kind), Number(serial) } };
        return read.ExecuteScalar() as byte[] ?? throw new KeyStoreException($"{NameOf(serial)} is gone.");
    });

    private protected override void Replace(ulong serial, byte[] wrapped) => Ask(connection =>
    {
        using var write = new NpgsqlCommand("INSERT INTO keys VALUES ($1, $2, $3) ON CONFLICT (kind, serial) DO UPDATE SET wrapped = excluded.wrapped", connection)
        {
            Parameters = { Text(_kind), Number(serial), new NpgsqlParameter<byte[]> { TypedValue = wrapped } },
        };
        return write.ExecuteNonQuery();
    });

    private protected override string NameOf(ulong serial) => $"key {serial} in the database {_database.Name}";

    private static NpgsqlParameter<string> Text(string value) => new() { TypedValue = value };

    private static NpgsqlParameter<long> Number(ulong serial) => new() { TypedValue = unchecked((long)serial) };

    /// <summary>Inside a change everything belongs to its transaction.</summary>
    private T Ask<T>(Func<NpgsqlConnection, T> work) => Guarded(() => _changing is { } connection ? work(connection) : _database.Run(work));

    private static T Guarded<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (PostgresUnavailableException e)
        {
            throw new KeyStoreException($"The keys cannot be used: {e.Message}", e);
        }
    }
}
