using System.Security.Cryptography;
using Veil.Attestation;
using Veil.Transparency.Epochs;

namespace Veil.ClientSdk;

/// <summary>
/// Draws from the large fleet of one epoch, each for one request: a draw that was kept would be a pseudonym. Some are fetched ahead of need, at times of their own and taken in no
/// order, since a gateway sees when a draw is fetched and which request has it: fetched whenever a request leaves, a draw would tie that request to a later one.
/// </summary>
internal sealed class HostDraws : IDisposable
{
    /// <summary>How many hosts are drawn for a request.</summary>
    public const int HostsPerDraw = 2;

    private readonly Lock _lock = new();
    private readonly List<HostDraw> _ahead = [];
    private readonly Queue<HostDraw> _first = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly EpochHead _head;
    private readonly VeilOptions _options;
    private readonly TimeProvider _time;
    private readonly Func<IReadOnlyList<int>, Task<IReadOnlyList<AppraisedHost>>> _fetch;
    private int _planned;

    /// <param name="head">Which epoch's fleet.</param>
    /// <param name="options">How many draws are fetched ahead, and when.</param>
    /// <param name="time">The time.</param>
    /// <param name="fetch">Gets and appraises the hosts at some indices, in a time of its own.</param>
    public HostDraws(EpochHead head, VeilOptions options, TimeProvider time, Func<IReadOnlyList<int>, Task<IReadOnlyList<AppraisedHost>>> fetch)
    {
        (_head, _options, _time, _fetch) = (head, options, time, fetch);
        _first.Enqueue(Draw());
    }

    /// <summary>The epoch.</summary>
    public long Epoch => _head.Epoch;

    /// <summary>True for the epoch and fleet that these are drawn from, however often a view of it is made.</summary>
    public bool AreOf(EpochHead head) => head.Epoch == _head.Epoch && head.FleetTotal == _head.FleetTotal && head.FleetRoot.Span.SequenceEqual(_head.FleetRoot.Span);

    /// <summary>What the next request will have, without taking it: what shows that the fleet can be relied on.</summary>
    /// <exception cref="VeilException">The records did not come, or one does not pass.</exception>
    public async Task<IReadOnlyList<AppraisedHost>> PeekAsync(CancellationToken cancellationToken)
    {
        using DrawnHosts next = await TakeAsync(cancellationToken).ConfigureAwait(false);
        return next.Hosts;
    }

    /// <summary>The hosts of one request. A draw that does not come is the next one's.</summary>
    /// <exception cref="VeilException">The records did not come, one does not pass, or the time of all is over.</exception>
    public async Task<DrawnHosts> TakeAsync(CancellationToken cancellationToken)
    {
        HostDraw draw = Next();
        DrawnHosts? drawn = null;
        try
        {
            IReadOnlyList<AppraisedHost> hosts = await draw.GetAsync(cancellationToken).ConfigureAwait(false);
            DateTimeOffset now = _time.GetUtcNow();
            AppraisedHost[] valid = [.. hosts.Where(host => host.Expires >= now)];
            return valid.Length > 0
                ? drawn = new(valid, () => GiveBack(draw))
                : throw new VeilException(VeilFailure.HostRefused, Hop.Gateway, "the hosts that this client drew are of no use any more, or not yet; the next epoch has others.");
        }
        finally
        {
            if (drawn is null)
            {
                GiveBack(draw);
            }
        }
    }

    /// <summary>Another epoch took this one's place: nothing more is fetched ahead, and a request that is under way draws when it needs to.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (!_ended.IsCancellationRequested)
            {
                _ended.Cancel();
                _ended.Dispose();
            }
        }
    }

    private HostDraw Next()
    {
        lock (_lock)
        {
            if (_first.TryDequeue(out HostDraw? first))
            {
                PlanAhead();
                return first;
            }

            if (_ahead.Count > 0)
            {
                HostDraw next = _ahead[RandomNumberGenerator.GetInt32(_ahead.Count)];
                _ahead.Remove(next);
                PlanAhead();
                return next;
            }

            PlanAhead();
        }

        return Draw();
    }

    private void GiveBack(HostDraw draw)
    {
        lock (_lock)
        {
            _first.Enqueue(draw);
        }
    }

    private void PlanAhead()
    {
        for (; !_ended.IsCancellationRequested && _ahead.Count + _planned < _options.HostDrawsAhead; _planned++)
        {
            CancellationToken ended = _ended.Token;
            _ = Task.Run(() => DrawLaterAsync(ended), CancellationToken.None);
        }
    }

    private async Task DrawLaterAsync(CancellationToken ended)
    {
        await Task.Delay(RandomDelay.Exponential(_options.HostDrawDelay), _time, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        HostDraw? next = ended.IsCancellationRequested ? null : Draw();
        lock (_lock)
        {
            _planned--;
            if (next is not null)
            {
                _ahead.Add(next);
            }
        }
    }

    private HostDraw Draw() => new((int)_head.FleetTotal, HostsPerDraw, _fetch);
}
