using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Npgsql;

namespace Veil.Postgres;

/// <summary>
/// A PostgreSQL database of a known schema. Each new connection, also after a failover, is refused unless a commit on it is on disk when it returns.
/// Migrations only go forward, under a lock that all programs on this database share; a database of a newer version is refused.
/// </summary>
public sealed class PostgresDatabase : IDisposable, IAsyncDisposable
{
    /// <summary>The oldest release that its makers still mend.</summary>
    private const int OldestVersion = 140000;

    /// <summary>
    /// Connections of one pool, unless the connection string says otherwise: as many as a server's cores can use, and few enough that several replicas with several
    /// stores stay below the 100 that a server takes by default.
    /// </summary>
    private const int MaxConnections = 12;

    /// <summary>Of the advisory lock that guards schema versions; the number is arbitrary and must never change.</summary>
    private const long MigrationLock = 0x5645494C_00000001;

    private readonly PostgresSchema _schema;
    private readonly NpgsqlDataSource _source;

    /// <summary>Connects to nothing yet.</summary>
    /// <param name="options">Validated.</param>
    /// <param name="schema">What the database holds.</param>
    /// <exception cref="PostgresUnavailableException">The settings are wrong or the password file cannot be read.</exception>
    public PostgresDatabase(PostgresOptions options, PostgresSchema schema)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(schema);
        if (!options.TryParse(out NpgsqlConnectionStringBuilder? settings, out string? problem))
            throw new PostgresUnavailableException($"the PostgreSQL settings of \"{schema.Name}\" are wrong: {problem}");

        _schema = schema;
        Name = PostgresOptions.TargetOf(settings);
        if (options.PasswordFile is { } file)
            settings.Password = PasswordFrom(file);
        if (!settings.ShouldSerialize("Maximum Pool Size"))
            settings.MaxPoolSize = MaxConnections;
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        builder.UsePhysicalConnectionInitializer(Check, CheckAsync);
        _source = builder.Build();
    }

    /// <summary>Host, port and database.</summary>
    public string Name { get; }

    /// <summary>Makes the schema where it is absent, or brings it up to date.</summary>
    /// <exception cref="PostgresUnavailableException">The database cannot be used, or is of a newer version.</exception>
    public void Create() => Run(connection =>
    {
        if (Version(connection) != _schema.Migrations.Count)
            Migrate(connection, oldest: 0);
        return true;
    });

    /// <summary>Brings the schema up to date.</summary>
    /// <exception cref="PostgresUnavailableException">The schema is absent or of a newer version, or the database cannot be used.</exception>
    public void Upgrade() => Run(connection =>
    {
        if (Version(connection) != _schema.Migrations.Count)
            Migrate(connection, oldest: 1);
        return true;
    });

    /// <summary>True when the schema is there, in whatever version.</summary>
    /// <exception cref="PostgresUnavailableException">The database cannot be used.</exception>
    public bool Exists() => Run(connection => Version(connection) > 0);

    /// <summary>A checked connection, to be disposed by the caller.</summary>
    /// <exception cref="PostgresUnavailableException">There is none within the timeout.</exception>
    public async ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellation = default)
    {
        try
        {
            return await _source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw Failed(e);
        }
    }

    /// <summary>Runs work on a connection of the pool.</summary>
    /// <exception cref="PostgresUnavailableException">The database failed; whether the work took effect is not known.</exception>
    public async Task<T> RunAsync<T>(Func<NpgsqlConnection, Task<T>> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        try
        {
            NpgsqlConnection connection = await _source.OpenConnectionAsync().ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                using var warnings = new CommitWarnings(connection, Name);
                T result = await work(connection).ConfigureAwait(false);
                warnings.ThrowIfAny();
                return result;
            }
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw Failed(e);
        }
    }

    /// <summary>Runs work on a connection of the pool.</summary>
    /// <exception cref="PostgresUnavailableException">The database failed; whether the work took effect is not known.</exception>
    public T Run<T>(Func<NpgsqlConnection, T> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        try
        {
            using NpgsqlConnection connection = _source.OpenConnection();
            using var warnings = new CommitWarnings(connection, Name);
            T result = work(connection);
            warnings.ThrowIfAny();
            return result;
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw Failed(e);
        }
    }

    /// <summary>True for what a failing database or connection throws, and for nothing else.</summary>
    public static bool IsFailure(Exception exception) =>
        exception is NpgsqlException or SocketException or IOException or TimeoutException or InvalidOperationException or System.Security.Authentication.AuthenticationException;

    /// <summary>The failure with the database's name, in one line.</summary>
    public PostgresUnavailableException Failed(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        string said = exception is PostgresException error ? $"{error.MessageText} ({error.SqlState})" : exception.Message;
        return new PostgresUnavailableException($"the database {Name} failed: {said.ReplaceLineEndings(" ")}", exception);
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private const string CheckText = """
        SELECT current_setting('synchronous_commit'), current_setting('fsync'), current_setting('full_page_writes'), pg_is_in_recovery(),
            current_setting('server_version_num')::int
        """;

    private void Check(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(CheckText, connection);
        using NpgsqlDataReader row = command.ExecuteReader();
        row.Read();
        RefuseUnlessDurable(row);
    }

    private async Task CheckAsync(NpgsqlConnection connection)
    {
        var command = new NpgsqlCommand(CheckText, connection);
        await using (command.ConfigureAwait(false))
        {
            NpgsqlDataReader row = await command.ExecuteReaderAsync().ConfigureAwait(false);
            await using (row.ConfigureAwait(false))
            {
                await row.ReadAsync().ConfigureAwait(false);
                RefuseUnlessDurable(row);
            }
        }
    }

    /// <summary>
    /// <c>local</c> and <c>remote_write</c> are refused too: they answer before the standby that may be promoted has the commit on its disk.
    /// </summary>
    private void RefuseUnlessDurable(NpgsqlDataReader row)
    {
        string? problem = row.GetString(0) is not ("on" or "remote_apply")
            ? $"synchronous_commit is {row.GetString(0)}; it must be on (or remote_apply), or a crash could make a spent token good again"
            : row.GetString(1) is not "on" ? "fsync is off; it must be on, or a power cut could make spent tokens good again"
            : row.GetString(2) is not "on" ? "full_page_writes is off; it must be on, or a power cut could damage the tables"
            : row.GetBoolean(3) ? "this server is a standby, and takes no writes"
            : row.GetInt32(4) < OldestVersion ? $"the server has version {row.GetInt32(4) / 10000}; {OldestVersion / 10000} is the oldest that is used"
            : null;
        if (problem is not null)
            throw new PostgresUnavailableException($"the database {Name} is refused: {problem}");
    }

    [SuppressMessage("Security", "CA2100", Justification = "Migrations are constants of this program.")]
    private void Migrate(NpgsqlConnection connection, int oldest)
    {
        using NpgsqlTransaction transaction = connection.BeginTransaction();
        Execute(connection, $"SELECT pg_advisory_xact_lock({MigrationLock})");
        Execute(connection, "CREATE TABLE IF NOT EXISTS veil_schema (name text PRIMARY KEY, version integer NOT NULL)");
        int version = Version(connection);
        if (version < oldest)
            throw new PostgresUnavailableException($"the database {Name} has no tables of \"{_schema.Name}\" yet");
        if (version > _schema.Migrations.Count)
            throw new PostgresUnavailableException($"the database {Name} has \"{_schema.Name}\" in version {version}, made by a newer program; this one knows {_schema.Migrations.Count}");

        if (_schema.ApartFrom is { } other && Version(connection, other) > 0)
            throw new PostgresUnavailableException($"the database {Name} holds \"{other}\" already; \"{_schema.Name}\" needs a database of its own, so that nothing joins the two");
        for (int next = version; next < _schema.Migrations.Count; next++)
        {
            Execute(connection, _schema.Migrations[next]);
        }

        using var record = new NpgsqlCommand("INSERT INTO veil_schema VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET version = excluded.version", connection);
        record.Parameters.Add(new NpgsqlParameter<string> { TypedValue = _schema.Name });
        record.Parameters.Add(new NpgsqlParameter<int> { TypedValue = _schema.Migrations.Count });
        record.ExecuteNonQuery();
        transaction.Commit();
    }

    private int Version(NpgsqlConnection connection) => Version(connection, _schema.Name);

    private static int Version(NpgsqlConnection connection, string schema)
    {
        using var find = new NpgsqlCommand("SELECT to_regclass('veil_schema') IS NOT NULL", connection);
        if (find.ExecuteScalar() is not true)
            return 0;
        using var read = new NpgsqlCommand("SELECT version FROM veil_schema WHERE name = $1", connection);
        read.Parameters.Add(new NpgsqlParameter<string> { TypedValue = schema });
        return read.ExecuteScalar() as int? ?? 0;
    }

    [SuppressMessage("Security", "CA2100", Justification = "Statements are constants of this program.")]
    private static void Execute(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    private static string PasswordFrom(string path)
    {
        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
            | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        try
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0)
                throw new PostgresUnavailableException($"PasswordFile {path} can be read by others than its owner: chmod 600 {path}");
            return File.ReadLines(path).FirstOrDefault() is { Length: > 0 } password ? password : throw new PostgresUnavailableException($"PasswordFile {path} is empty");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PostgresUnavailableException($"PasswordFile {path} cannot be read: {e.Message}", e);
        }
    }
}
