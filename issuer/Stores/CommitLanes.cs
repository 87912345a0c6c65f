using System.Threading.Channels;

namespace Veil.Issuer;

/// <summary>
/// Several writers on one queue: work that arrives while all are waiting for a disk shares the next commit, and one lane fills its next commit while another's is on its way.
/// </summary>
/// <typeparam name="TWork">What a caller waits for; whoever commits it completes it.</typeparam>
internal sealed class CommitLanes<TWork> : IAsyncDisposable
    where TWork : class
{
    /// <summary>Requests that may wait: more than a second of work is refused at once, since its callers would give up anyway.</summary>
    private const int MaxWaiting = 4096;

    private readonly Channel<TWork> _waiting = Channel.CreateBounded<TWork>(MaxWaiting);
    private readonly Func<TWork, int> _rows;
    private readonly int _maxRows;
    private readonly Task[] _lanes;

    /// <param name="commits">One for each lane: commits a batch and completes each of its works, with a result or a failure, and throws nothing.</param>
    /// <param name="rows">About how many rows a work writes.</param>
    /// <param name="maxRows">Rows in one commit, which bounds how long the first of them waits.</param>
    public CommitLanes(IEnumerable<Func<IReadOnlyList<TWork>, Task>> commits, Func<TWork, int> rows, int maxRows)
    {
        _rows = rows;
        _maxRows = maxRows;
        _lanes = [.. commits.Select(commit => Task.Run(() => RunAsync(commit)))];
    }

    /// <summary>Hands work to the next free lane.</summary>
    /// <exception cref="StoreUnavailableException">Too much waits, or the store is closed.</exception>
    public void Add(TWork work)
    {
        if (_waiting.Writer.TryWrite(work))
            return;
        throw new StoreUnavailableException(_waiting.Reader.Completion.IsCompleted ? "the store is closed" : "the store is behind: too much work waits for it");
    }

    /// <summary>Ends after the work that waits.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await Task.WhenAll(_lanes).ConfigureAwait(false);
    }

    private async Task RunAsync(Func<IReadOnlyList<TWork>, Task> commit)
    {
        var batch = new List<TWork>();
        while (await _waiting.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            int rows = 0;
            while (rows < _maxRows && _waiting.Reader.TryRead(out TWork? work))
            {
                batch.Add(work);
                rows += _rows(work);
            }

            // Another lane may have been quicker.
            if (batch.Count > 0)
                await commit(batch).ConfigureAwait(false);
            batch.Clear();
        }
    }
}
