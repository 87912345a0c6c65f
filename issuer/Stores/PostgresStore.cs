using System.Diagnostics.CodeAnalysis;
using Npgsql;
using Veil.Postgres;

namespace Veil.Issuer;

/// <summary>Work on a PostgreSQL database that is a store of the issuer: what fails there is a <see cref="StoreUnavailableException"/> here.</summary>
internal static class PostgresStore
{
    /// <summary>Runs work on a connection of the pool.</summary>
    /// <exception cref="StoreUnavailableException">The database failed; whether the work took effect is not known.</exception>
    public static async Task<T> AskAsync<T>(this PostgresDatabase database, Func<NpgsqlConnection, Task<T>> work)
    {
        try
        {
            return await database.RunAsync(work).ConfigureAwait(false);
        }
        catch (PostgresUnavailableException e)
        {
            throw new StoreUnavailableException(e.Message, e);
        }
    }

    /// <summary>Runs work on a connection of the pool.</summary>
    /// <exception cref="StoreUnavailableException">The database failed; whether the work took effect is not known.</exception>
    public static T Ask<T>(this PostgresDatabase database, Func<NpgsqlConnection, T> work)
    {
        try
        {
            return database.Run(work);
        }
        catch (PostgresUnavailableException e)
        {
            throw new StoreUnavailableException(e.Message, e);
        }
    }

    /// <summary>Opens the database of a store: made by its commands where <paramref name="prepare"/> is <c>Create</c>, refused when absent where it is <c>Upgrade</c>.</summary>
    /// <exception cref="StoreUnavailableException">The database cannot be used.</exception>
    public static PostgresDatabase Open(PostgresOptions options, PostgresSchema schema, Action<PostgresDatabase> prepare)
    {
        PostgresDatabase? database = null;
        try
        {
            database = new PostgresDatabase(options, schema);
            prepare(database);
            return database;
        }
        catch (PostgresUnavailableException e)
        {
            database?.Dispose();
            throw new StoreUnavailableException(e.Message, e);
        }
    }

    /// <summary>Runs statements without values; several are one commit.</summary>
    [SuppressMessage("Security", "CA2100", Justification = "Statements are constants of this program, with numbers.")]
    public static async Task ExecuteAsync(this NpgsqlConnection connection, string sql)
    {
        var command = new NpgsqlCommand(sql, connection);
        await using (command.ConfigureAwait(false))
        {
            await command.ExecuteNonQueryAsync().ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Drops or empties a table unless somebody, such as a backup, reads it for long: whoever wants the table queues behind a change that waits.
    /// </summary>
    /// <returns>False when nothing was changed, and it is time to try later.</returns>
    public static async Task<bool> TryChangeSoonAsync(this NpgsqlConnection connection, string sql)
    {
        NpgsqlTransaction transaction = await connection.BeginTransactionAsync().ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            try
            {
                await connection.ExecuteAsync($"SET LOCAL lock_timeout = '200ms'; {sql}").ConfigureAwait(false);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                return false;
            }

            await transaction.CommitAsync().ConfigureAwait(false);
            return true;
        }
    }
}
