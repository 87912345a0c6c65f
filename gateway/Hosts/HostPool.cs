namespace Veil.Gateway.Hosts;

/// <summary>The hosts of one service, of which each request gets one by <see cref="UniformCoin"/>.</summary>
internal sealed class HostPool(IReadOnlyList<HostLink> links, HostGate gate, TimeSpan patience, TimeProvider time)
{
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>All links, in the order of the configuration.</summary>
    public IReadOnlyList<HostLink> Links => links;

    /// <summary>The hosts that are verified and connected now.</summary>
    public HostConnection[] Healthy() => [.. links.Select(link => link.Current).OfType<HostConnection>()];

    /// <summary>Tells those who wait that a host came or went.</summary>
    public void NotifyChanged() => Interlocked.Exchange(ref _changed, NewSignal()).TrySetResult();

    /// <summary>Holds one of <paramref name="allowed"/>, each with the same chance; null when none of them can be held.</summary>
    /// <param name="allowed">The set that may be chosen from; those that turn out unusable are left out and the coin is flipped again.</param>
    public static HostConnection? Pick(ReadOnlySpan<HostConnection> allowed)
    {
        HostConnection[] rest = allowed.ToArray();
        for (int count = rest.Length; count > 0; count--)
        {
            int side = UniformCoin.Flip(count);
            if (rest[side].TryHold())
                return rest[side];
            rest[side] = rest[count - 1];
        }

        return null;
    }

    /// <summary>Holds one of all healthy hosts that may have requests, waiting a moment when there is none. The caller releases it.</summary>
    /// <param name="lost">Those that may have seen the request and did not answer: none of them gets it again, on whatever connection.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    public async ValueTask<HostConnection?> PickAsync(IReadOnlyCollection<HostConnection> lost, CancellationToken cancellationToken)
    {
        long started = time.GetTimestamp();
        while (true)
        {
            Task changed = Volatile.Read(ref _changed).Task;
            if (Pick([.. Healthy().Where(host => gate.Admits(host) && !lost.Any(other => other.Url == host.Url))]) is { } held)
                return held;

            TimeSpan left = patience - time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
                return null;
            try
            {
                await changed.WaitAsync(left, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                return null;
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
