namespace Veil.Relay.Forwarding;

/// <summary>Cancels an exchange in which no byte has moved for the idle time.</summary>
internal sealed class IdleWatch : IDisposable
{
    private readonly CancellationTokenSource _idle = new();
    private readonly TimeSpan _time;

    public IdleWatch(TimeSpan time)
    {
        _time = time;
        Touch();
    }

    public CancellationToken Token => _idle.Token;

    /// <summary>A byte has moved.</summary>
    public void Touch()
    {
        if (!_idle.IsCancellationRequested)
            _idle.CancelAfter(_time);
    }

    public void Dispose() => _idle.Dispose();
}
