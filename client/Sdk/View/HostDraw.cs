using System.Security.Cryptography;
using Veil.Attestation;

namespace Veil.ClientSdk;

/// <summary>
/// One draw of hosts by this client's own coin. Its indices never change: a gateway that withholds their records is asked for the same ones again, so that it cannot refuse until it
/// likes the draw. For one taker at a time.
/// </summary>
internal sealed class HostDraw
{
    private readonly int[] _indices;
    private readonly Func<IReadOnlyList<int>, Task<IReadOnlyList<AppraisedHost>>> _fetch;
    private Task<IReadOnlyList<AppraisedHost>> _hosts;

    /// <summary>Draws, and begins to fetch what was drawn.</summary>
    /// <param name="fleet">How many hosts there are.</param>
    /// <param name="count">How many of them are drawn, no two the same.</param>
    /// <param name="fetch">Gets and appraises the hosts at some indices, in a time of its own.</param>
    public HostDraw(int fleet, int count, Func<IReadOnlyList<int>, Task<IReadOnlyList<AppraisedHost>>> fetch)
    {
        _indices = Draw(fleet, count);
        _fetch = fetch;
        _hosts = Begin();
    }

    /// <summary>What was drawn; fetched anew where that failed before.</summary>
    /// <exception cref="VeilException">The records did not come, or one does not pass.</exception>
    /// <exception cref="OperationCanceledException">The caller waits no longer; the fetch goes on.</exception>
    public Task<IReadOnlyList<AppraisedHost>> GetAsync(CancellationToken cancellationToken)
    {
        if (_hosts.IsFaulted || _hosts.IsCanceled)
        {
            _hosts = Begin();
        }

        return _hosts.WaitAsync(cancellationToken);
    }

    private static int[] Draw(int fleet, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, fleet);
        var indices = new HashSet<int>();
        while (indices.Count < count)
        {
            indices.Add(RandomNumberGenerator.GetInt32(fleet));
        }

        return [.. indices];
    }

    private Task<IReadOnlyList<AppraisedHost>> Begin()
    {
        Task<IReadOnlyList<AppraisedHost>> hosts = _fetch(_indices);

        // A draw that nobody takes has failed for nobody.
        _ = hosts.ContinueWith(failed => failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return hosts;
    }
}
