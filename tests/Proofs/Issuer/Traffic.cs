namespace Veil.Proofs.Issuer;

/// <summary>What the gateways of a trial have been through so far.</summary>
internal sealed class Traffic
{
    private readonly Lock _lock = new();
    private readonly List<(int At, TaskCompletionSource Reached)> _waiting = [];
    private TaskCompletionSource _wider = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _allowed = int.MaxValue;
    private int _answered;
    private int _interrupted;

    /// <summary>Redemptions that were answered.</summary>
    public int AnsweredRedemptions => Volatile.Read(ref _answered);

    /// <summary>Calls that ended without an answer, or with the issuer's "not now".</summary>
    public int InterruptedCalls => Volatile.Read(ref _interrupted);

    /// <summary>Counts a call that had no answer.</summary>
    public void Interrupted() => Interlocked.Increment(ref _interrupted);

    /// <summary>Counts the redemptions of a call that was answered.</summary>
    public void Answered(int redemptions)
    {
        lock (_lock)
        {
            _answered += redemptions;
            foreach ((int at, TaskCompletionSource reached) in _waiting.Where(each => each.At <= _answered))
            {
                reached.TrySetResult();
            }

            _waiting.RemoveAll(each => each.At <= _answered);
        }
    }

    /// <summary>From now on so many redemptions may be answered: traffic does not run out while something is being struck.</summary>
    public void Allow(int redemptions)
    {
        lock (_lock)
        {
            _allowed = redemptions;
            _wider.TrySetResult();
            _wider = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Ends when a call more may be made.</summary>
    public async Task AwaitLeaveAsync(CancellationToken cancellation)
    {
        while (true)
        {
            Task wider;
            lock (_lock)
            {
                if (_answered < _allowed)
                    return;
                wider = _wider.Task;
            }

            await wider.WaitAsync(cancellation);
        }
    }

    /// <summary>Ends when so many redemptions were answered.</summary>
    public Task ReachAsync(int redemptions)
    {
        lock (_lock)
        {
            if (_answered >= redemptions)
                return Task.CompletedTask;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((redemptions, reached));
            return reached.Task;
        }
    }
}
