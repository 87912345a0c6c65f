using System.Threading.Channels;

namespace Veil.Gateway.Redemption;

/// <summary>The redemptions of one call. The tokens of a request stay together: they are accepted or refused as one.</summary>
/// <param name="size">Most tokens; no request has more.</param>
internal sealed class RedemptionBatch(int size)
{
    private readonly List<PendingRedemption> _pending = [];

    /// <summary>The redemptions in their order.</summary>
    public IReadOnlyList<PendingRedemption> All => _pending;

    /// <summary>How many tokens they have.</summary>
    public int TokenCount { get; private set; }

    /// <summary>True without any.</summary>
    public bool IsEmpty => _pending.Count is 0;

    /// <summary>Timestamp after which nobody waits for this call.</summary>
    public long LastDeadline => _pending.Max(pending => pending.Deadline);

    /// <summary>Takes what waits, as long as whole requests fit; nobody else may read meanwhile.</summary>
    public void Fill(ChannelReader<PendingRedemption> waiting)
    {
        while (waiting.TryPeek(out PendingRedemption? next) && TokenCount + next.Tokens.Count <= size && waiting.TryRead(out next))
        {
            _pending.Add(next);
            TokenCount += next.Tokens.Count;
        }
    }

    /// <summary>Takes out those whose deadline is not after this timestamp.</summary>
    public List<PendingRedemption> TakeOverdue(long timestamp)
    {
        List<PendingRedemption> overdue = _pending.FindAll(pending => pending.Deadline <= timestamp);
        if (overdue.Count > 0)
        {
            _pending.RemoveAll(pending => pending.Deadline <= timestamp);
            TokenCount -= overdue.Sum(pending => pending.Tokens.Count);
        }

        return overdue;
    }

    /// <summary>Takes out all.</summary>
    public List<PendingRedemption> TakeAll()
    {
        List<PendingRedemption> all = [.. _pending];
        _pending.Clear();
        TokenCount = 0;
        return all;
    }
}
