using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Veil.Issuer;

/// <summary>
/// One writer for one database: work that arrives while a commit is on its way to the disk shares the next one, so that the price of an fsync is
/// paid once for many requests. An answer leaves only after its commit returned. When anything fails, everything in that commit fails and is
/// undone, and the next work starts on a new connection.
/// </summary>
/// <typeparam name="TStatements">The statements prepared on the connection.</typeparam>
internal sealed class GroupCommit<TStatements> : IAsyncDisposable
    where TStatements : class, IDisposable
{
    /// <summary>Requests that may wait: more than a second of work is refused at once, since its callers would give up anyway.</summary>
    private const int MaxWaiting = 4096;

    /// <summary>Rows that may wait: some seconds of work, however many each request has.</summary>
    private const int MaxWaitingRows = 1 << 17;

    /// <summary>Rows in one commit, which bounds how long the first of them waits (some 100 ms).</summary>
    private const int MaxRows = 8192;

    private readonly SqliteDatabase _database;
    private readonly Func<SqliteConnection, TStatements> _prepare;
    private readonly BlockingCollection<IWork> _waiting = new(MaxWaiting);
    private readonly Task _writer;
    private SqliteConnection? _connection;
    private SqliteCommand? _begin;
    private SqliteCommand? _commit;
    private TStatements? _statements;
    private volatile bool _isHealthy;
    private int _waitingRows;

    /// <param name="database">Opened at once, so that a bad store stops the start.</param>
    /// <param name="prepare">Prepares the statements on a new connection.</param>
    /// <exception cref="StoreUnavailableException">The database cannot be used.</exception>
    public GroupCommit(SqliteDatabase database, Func<SqliteConnection, TStatements> prepare)
    {
        _database = database;
        _prepare = prepare;
        Connect();
        _isHealthy = true;
        _writer = Task.Factory.StartNew(WriteAll, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>True when the last commit, or else the opening, succeeded.</summary>
    public bool IsHealthy => _isHealthy;

    /// <summary>Runs <paramref name="work"/> inside a shared transaction and gives its result once that is on disk.</summary>
    /// <param name="rows">About how many rows it writes.</param>
    /// <param name="work">Runs on the writer's thread; must not wait for anything.</param>
    /// <exception cref="StoreUnavailableException">It is not known to be on disk.</exception>
    public Task<T> RunAsync<T>(int rows, Func<TStatements, T> work)
    {
        var waiting = new Work<T>(rows, work);
        try
        {
            if (Volatile.Read(ref _waitingRows) >= MaxWaitingRows || !_waiting.TryAdd(waiting))
                throw new StoreUnavailableException("the store is behind: too much work waits for it");
            Interlocked.Add(ref _waitingRows, rows);
        }
        catch (InvalidOperationException e)
        {
            throw new StoreUnavailableException("the store is closed", e);
        }

        return waiting.Result;
    }

    /// <summary>Ends after the work that waits.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.CompleteAdding();
        await _writer.ConfigureAwait(false);
        Disconnect();
        _waiting.Dispose();
    }

    private void WriteAll()
    {
        var batch = new List<IWork>();
        foreach (IWork first in _waiting.GetConsumingEnumerable())
        {
            batch.Add(first);
            int rows = first.Rows;
            while (rows < MaxRows && _waiting.TryTake(out IWork? next))
            {
                batch.Add(next);
                rows += next.Rows;
            }

            Interlocked.Add(ref _waitingRows, -rows);
            Commit(batch);
            batch.Clear();
        }
    }

    private void Commit(List<IWork> batch)
    {
        try
        {
            if (_connection is null)
                Connect();
            if (!_database.IsInPlace)
                throw new StoreUnavailableException($"the database {_database.Path} was removed while it was open");

            _begin!.ExecuteNonQuery();
            foreach (IWork work in batch)
            {
                work.Run(_statements!);
            }

            _commit!.ExecuteNonQuery();
            if (!_database.IsInPlace)
                throw new StoreUnavailableException($"the database {_database.Path} was removed while it was open");
        }
        catch (Exception e) when (e is SqliteException or StoreUnavailableException or InvalidOperationException)
        {
            _isHealthy = false;
            Disconnect();
            var failure = e as StoreUnavailableException ?? new StoreUnavailableException($"the database {_database.Path} failed: {e.Message}", e);
            batch.ForEach(work => work.Fail(failure));
            return;
        }

        _isHealthy = true;
        batch.ForEach(work => work.Complete());
    }

    private void Connect()
    {
        _connection = _database.Open();
        _begin = _connection.Prepare("BEGIN IMMEDIATE");
        _commit = _connection.Prepare("COMMIT");
        _statements = _prepare(_connection);
    }

    /// <summary>Closing undoes what is not committed.</summary>
    private void Disconnect()
    {
        _statements?.Dispose();
        _begin?.Dispose();
        _commit?.Dispose();
        _connection?.Dispose();
        _statements = null;
        _connection = null;
    }

    private interface IWork
    {
        int Rows { get; }

        void Run(TStatements statements);

        void Complete();

        void Fail(Exception reason);
    }

    private sealed class Work<T>(int rows, Func<TStatements, T> run) : IWork
    {
        private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _value;

        public Task<T> Result => _result.Task;

        public int Rows => rows;

        public void Run(TStatements statements) => _value = run(statements);

        public void Complete() => _result.SetResult(_value!);

        public void Fail(Exception reason) => _result.SetException(reason);
    }
}
