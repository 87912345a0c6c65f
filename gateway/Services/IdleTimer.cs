namespace Veil.Gateway.Services;

/// <summary>Ends an exchange with a host in which nothing has moved for too long. Both directions touch it.</summary>
internal sealed class IdleTimer : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationToken _aborted;
    private readonly TimeSpan _limit;

    public IdleTimer(TimeSpan limit, CancellationToken aborted)
    {
        _limit = limit;
        _aborted = aborted;
        _source = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        _source.CancelAfter(limit);
    }

    /// <summary>Cancelled when the limit has passed, the client has gone, or the exchange is over.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>True when it was the time that ran out.</summary>
    public bool RanOut => _source.IsCancellationRequested && !_aborted.IsCancellationRequested;

    /// <summary>Something moved.</summary>
    public void Touch() => _source.CancelAfter(_limit);

    /// <summary>The exchange is over for both directions.</summary>
    public void End() => _source.Cancel();

    public void Dispose() => _source.Dispose();
}
