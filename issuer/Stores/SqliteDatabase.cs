using Microsoft.Data.Sqlite;

namespace Veil.Issuer;

/// <summary>
/// A SQLite file of a known schema. Migrations only go forward: each runs once, in order, in a transaction of its own, and a file of a newer
/// version is refused. A commit is on disk when it returns (WAL, synchronous FULL), and deleted rows are overwritten.
/// </summary>
internal sealed class SqliteDatabase(string path, IReadOnlyList<string> migrations)
{
    /// <summary>
    /// Keys are random, so each row lies on another page: 32 MB of them are kept, and the log takes 32 MB before it is copied back, which halves the time of a redemption.
    /// Neither grows with the file.
    /// </summary>
    private const string Pragmas = """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA secure_delete = ON;
        PRAGMA busy_timeout = 5000;
        PRAGMA cache_size = -32768;
        PRAGMA wal_autocheckpoint = 8192;
        """;

    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>
    /// True while the file and its log are where they were opened: SQLite goes on writing to files that somebody has removed, and what it writes
    /// there is lost with the process.
    /// </summary>
    public bool IsInPlace => File.Exists(Path) && File.Exists(Path + "-wal");

    /// <summary>Makes the file when absent, for its owner alone, and brings its schema up to date.</summary>
    /// <remarks>
    /// A file that is there is opened by SQLite alone: on POSIX systems, closing any other handle of it would drop the locks of every
    /// connection in this process, and the next process to close the database would remove the log under it.
    /// </remarks>
    /// <exception cref="StoreUnavailableException">The file cannot be made or used, or is of a newer version.</exception>
    public void Create()
    {
        if (!File.Exists(Path))
            CreateEmptyFile();
        Open().Dispose();
    }

    /// <summary>Opens an existing file with its schema up to date.</summary>
    /// <exception cref="StoreUnavailableException">The file is absent, damaged, not writable or of a newer version.</exception>
    public SqliteConnection Open()
    {
        // Pooling would hand out connections to a file that has been replaced since.
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ConnectionString);
        try
        {
            connection.Open();
            connection.Execute(Pragmas);
            Migrate(connection);
            return connection;
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw new StoreUnavailableException($"the database {Path} cannot be used: {e.Message}", e);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void CreateEmptyFile()
    {
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            new FileStream(Path, options).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException($"the database {Path} cannot be made: {e.Message}", e);
        }
    }

    private void Migrate(SqliteConnection connection)
    {
        if (Version(connection) == migrations.Count)
            return;

        connection.Execute("BEGIN IMMEDIATE");
        long version = Version(connection);
        if (version > migrations.Count)
            throw new StoreUnavailableException($"the database {Path} has schema version {version}, made by a newer program; this one knows {migrations.Count}");

        for (int next = (int)version; next < migrations.Count; next++)
        {
            connection.Execute(migrations[next]);
        }

        connection.Execute($"PRAGMA user_version = {migrations.Count}");
        connection.Execute("COMMIT");
    }

    private static long Version(SqliteConnection connection)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version";
        return (long)command.ExecuteScalar()!;
    }
}
