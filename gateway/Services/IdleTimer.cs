namespace Veil.Gateway.Services;

/// <summary>Ends an exchange with a host in which nothing has moved for too long, or which as a whole takes too long. Both directions touch it.</summary>
internal sealed class IdleTimer : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationToken _aborted;
    private readonly long _longestSilence;
    private readonly long _end;

    /// <param name="longestSilence">Longest time in which nothing moves.</param>
    /// <param name="end">When it is over in any case, from <see cref="EndIn"/>.</param>
    /// <param name="aborted">The client has gone.</param>
    public IdleTimer(TimeSpan longestSilence, long end, CancellationToken aborted)
    {
        _longestSilence = (long)longestSilence.TotalMilliseconds;
        _end = end;
        _aborted = aborted;
        _source = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        Touch();
    }

    /// <summary>Cancelled when one of the times has passed, the client has gone, or the exchange is over.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>True when it was the time that ran out.</summary>
    public bool RanOut => _source.IsCancellationRequested && !_aborted.IsCancellationRequested;

    /// <summary>The time that lies so far ahead.</summary>
    public static long EndIn(TimeSpan time) => Environment.TickCount64 + (long)time.TotalMilliseconds;

    /// <summary>Something moved.</summary>
    public void Touch() => _source.CancelAfter(TimeSpan.FromMilliseconds(Math.Clamp(_end - Environment.TickCount64, 0, _longestSilence)));

    /// <summary>The exchange is over for both directions.</summary>
    public void End() => _source.Cancel();

    public void Dispose() => _source.Dispose();
}
