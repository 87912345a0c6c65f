namespace Veil.Issuer;

/// <summary>The redemptions of several calls in one commit: which of them compete for a token here, and what follows for each from what the store says.</summary>
internal sealed class SpendBatch
{
    private readonly IReadOnlyList<SpendWork> _works;
    private readonly List<Redemption> _firsts;
    private readonly Dictionary<UInt128, UInt128> _firstAttempts;

    /// <param name="works">Of all redemptions of a token the first one stands for it.</param>
    public SpendBatch(IReadOnlyList<SpendWork> works)
    {
        _works = works;
        int count = works.Sum(work => work.Redemptions.Length);
        _firsts = new List<Redemption>(count);
        _firstAttempts = new Dictionary<UInt128, UInt128>(count);
        foreach (SpendWork work in works)
        {
            foreach (Redemption redemption in work.Redemptions.Span)
            {
                if (_firstAttempts.TryAdd(redemption.Token, redemption.Attempt))
                    _firsts.Add(redemption);
            }
        }

        // One order for everybody: whoever waits for another's token holds none that comes after it.
        _firsts.Sort((left, right) => left.Partition != right.Partition ? left.Partition.CompareTo(right.Partition) : left.Token.CompareTo(right.Token));
        Partitions = [.. _firsts.Select(redemption => redemption.Partition).Distinct()];
    }

    /// <summary>The partitions that are asked for.</summary>
    public IReadOnlyList<long> Partitions { get; }

    /// <summary>The redemptions to insert, in the order of partition and token.</summary>
    /// <param name="retired">Partitions that take no tokens any more.</param>
    public List<Redemption> Candidates(HashSet<long> retired) =>
        retired.Count > 0 ? _firsts.FindAll(redemption => !retired.Contains(redemption.Partition)) : _firsts;

    /// <summary>The attempts whose verdict depends on what is remembered.</summary>
    /// <param name="notWon">Tokens that were spent before.</param>
    /// <param name="retired">As they were when the candidates were inserted.</param>
    public UInt128[] ToRecall(HashSet<UInt128> notWon, HashSet<long> retired)
    {
        if (notWon.Count == 0 && retired.Count == 0)
            return [];

        var attempts = new HashSet<UInt128>();
        foreach (SpendWork work in _works)
        {
            foreach (Redemption redemption in work.Redemptions.Span)
            {
                if (notWon.Contains(redemption.Token) || retired.Contains(redemption.Partition))
                    attempts.Add(redemption.Attempt);
            }
        }

        return [.. attempts];
    }

    /// <summary>Fills the works' verdicts.</summary>
    /// <param name="notWon">Tokens that were spent before.</param>
    /// <param name="remembered">Attempts that were accepted, with the end of their memory.</param>
    /// <param name="retired">As they were when the candidates were inserted.</param>
    public void Judge(HashSet<UInt128> notWon, Dictionary<UInt128, long> remembered, HashSet<long> retired)
    {
        foreach (SpendWork work in _works)
        {
            ReadOnlySpan<Redemption> redemptions = work.Redemptions.Span;
            long now = work.Now.ToUnixTimeSeconds();
            for (int i = 0; i < redemptions.Length; i++)
            {
                Redemption redemption = redemptions[i];
                bool isRetired = retired.Contains(redemption.Partition);
                bool accepted = isRetired || notWon.Contains(redemption.Token)
                    ? remembered.TryGetValue(redemption.Attempt, out long until) && until > now
                    : _firstAttempts[redemption.Token] == redemption.Attempt;
                work.Verdicts[i] = accepted ? Verdict.Accepted : isRetired ? Verdict.Expired : Verdict.Spent;
            }
        }
    }
}
