namespace Veil.HostAgent.Forwarding;

/// <summary>Ends an exchange in which nothing has moved for too long. Touched by both directions.</summary>
internal sealed class IdleTimer : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly TimeSpan _limit;

    public IdleTimer(TimeSpan limit, CancellationToken aborted)
    {
        _limit = limit;
        _source = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        _source.CancelAfter(limit);
    }

    /// <summary>Cancelled when the limit has passed or the client has gone.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Something moved.</summary>
    public void Touch() => _source.CancelAfter(_limit);

    public void Dispose() => _source.Dispose();
}
