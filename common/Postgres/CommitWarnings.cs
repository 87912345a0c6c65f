using Npgsql;

namespace Veil.Postgres;

/// <summary>
/// Watches a connection for warnings. A commit whose wait for its standby somebody cancels ends like one that succeeded, with nothing but a warning: it is on one disk only,
/// and lost when the standby takes over.
/// </summary>
public sealed class CommitWarnings : IDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly string _name;
    private volatile string? _warning;

    /// <param name="connection">Watched until this is disposed.</param>
    /// <param name="name">Of the database, for the message.</param>
    public CommitWarnings(NpgsqlConnection connection, string name)
    {
        ArgumentNullException.ThrowIfNull(connection);
        _connection = connection;
        _name = name;
        connection.Notice += Take;
    }

    /// <summary>Refuses to go on when there was a warning.</summary>
    /// <exception cref="PostgresUnavailableException">What was committed may be lost.</exception>
    public void ThrowIfAny()
    {
        if (_warning is { } warning)
            throw new PostgresUnavailableException($"the database {_name} warned, so that a commit is not sure to last: {warning.ReplaceLineEndings(" ")}");
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Notice -= Take;

    private void Take(object sender, NpgsqlNoticeEventArgs notice)
    {
        if (notice.Notice.InvariantSeverity is "WARNING")
            _warning = notice.Notice.MessageText;
    }
}
