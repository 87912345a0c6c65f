namespace Veil.Issuer;

/// <summary>
/// Several writers on one queue. Work that arrives while a commit is on its way shares the next one; a second lane begins beside it only once enough waits to be worth a commit of
/// its own, since each costs a statement and a wait for the disk however little it holds.
/// </summary>
/// <typeparam name="TWork">What a caller waits for; whoever commits it completes it.</typeparam>
internal sealed class CommitLanes<TWork> : IAsyncDisposable
    where TWork : class
{
    /// <summary>Requests that may wait: more than a second of work is refused at once, since its callers would give up anyway.</summary>
    private const int MaxWaiting = 4096;

    /// <summary>Rows that may wait: some seconds of work, however many each request has.</summary>
    private const int MaxWaitingRows = 1 << 17;

    private readonly Lock _lock = new();
    private readonly Queue<TWork> _waiting = new();
    private readonly Stack<Func<IReadOnlyList<TWork>, Task>> _idle;
    private readonly int _lanes;
    private readonly Func<TWork, int> _rows;
    private readonly int _minRowsBeside;
    private readonly int _maxRows;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _waitingRows;
    private bool _isClosed;

    /// <param name="commits">One for each lane: commits a batch and completes each of its works, with a result or a failure, and throws nothing.</param>
    /// <param name="rows">About how many rows a work writes.</param>
    /// <param name="minRowsBeside">Rows that have to wait before a lane begins while others commit.</param>
    /// <param name="maxRows">Rows in one commit, which bounds how long the first of them waits.</param>
    public CommitLanes(IEnumerable<Func<IReadOnlyList<TWork>, Task>> commits, Func<TWork, int> rows, int minRowsBeside, int maxRows)
    {
        _idle = new(commits);
        _lanes = _idle.Count;
        _rows = rows;
        _minRowsBeside = minRowsBeside;
        _maxRows = maxRows;
    }

    /// <summary>True when a lane may take what waits.</summary>
    private bool IsWorthACommit => _waiting.Count > 0 && _idle.Count > 0 && (_idle.Count == _lanes || _waitingRows >= _minRowsBeside);

    /// <summary>Hands work to the next commit.</summary>
    /// <exception cref="StoreUnavailableException">Too much waits, or the store is closed.</exception>
    public void Add(TWork work)
    {
        lock (_lock)
        {
            if (_isClosed)
                throw new StoreUnavailableException("the store is closed");
            if (_waiting.Count >= MaxWaiting || _waitingRows >= MaxWaitingRows)
                throw new StoreUnavailableException("the store is behind: too much work waits for it");
            _waiting.Enqueue(work);
            _waitingRows += _rows(work);
            if (!IsWorthACommit)
                return;
        }

        _ = Task.Run(RunAsync);
    }

    /// <summary>Ends after the work that waits.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _isClosed = true;
            EndWhenIdle();
        }

        await _ended.Task.ConfigureAwait(false);
    }

    /// <summary>Commits until what waits is left to others.</summary>
    private async Task RunAsync()
    {
        var batch = new List<TWork>();
        while (Take(batch) is { } commit)
        {
            await commit(batch).ConfigureAwait(false);
            batch.Clear();
            lock (_lock)
            {
                _idle.Push(commit);
                EndWhenIdle();
            }
        }
    }

    /// <summary>Fills a batch and gives the lane for it; null when there is nothing to do now. A lane that ends its commit looks again, so that nothing is left waiting.</summary>
    private Func<IReadOnlyList<TWork>, Task>? Take(List<TWork> batch)
    {
        lock (_lock)
        {
            if (!IsWorthACommit)
                return null;
            for (int rows = 0; rows < _maxRows && _waiting.TryDequeue(out TWork? work);)
            {
                batch.Add(work);
                int ofWork = _rows(work);
                rows += ofWork;
                _waitingRows -= ofWork;
            }

            return _idle.Pop();
        }
    }

    private void EndWhenIdle()
    {
        if (_isClosed && _waiting.Count == 0 && _idle.Count == _lanes)
            _ended.TrySetResult();
    }
}
