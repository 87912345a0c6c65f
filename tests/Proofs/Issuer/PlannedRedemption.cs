namespace Veil.Proofs.Issuer;

/// <summary>One token that one gateway presents under one redemption id, as often as it takes to be answered.</summary>
/// <param name="token">Which token of the plan.</param>
/// <param name="id">The redemption id, 16 bytes.</param>
internal sealed class PlannedRedemption(int token, byte[] id)
{
    /// <summary>Which token of the plan.</summary>
    public int Token => token;

    /// <summary>The redemption id.</summary>
    public byte[] Id => id;

    /// <summary>The first verdict that was heard.</summary>
    public string? Verdict { get; private set; }

    /// <summary>True when another verdict was heard later.</summary>
    public bool IsContradicted { get; private set; }

    /// <summary>Takes a verdict. One redemption is in one call, and a call is sent by one task at a time.</summary>
    public void Hear(string verdict)
    {
        Verdict ??= verdict;
        IsContradicted |= Verdict != verdict;
    }
}
