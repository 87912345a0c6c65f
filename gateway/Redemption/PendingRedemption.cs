using Veil.PrivacyPass;

namespace Veil.Gateway.Redemption;

/// <summary>A token that waits for its verdict.</summary>
internal sealed class PendingRedemption(Token token, RedemptionId id, long deadline)
{
    private readonly TaskCompletionSource<RedemptionVerdict> _verdict = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The token.</summary>
    public Token Token => token;

    /// <summary>The id of the inbound request.</summary>
    public RedemptionId Id => id;

    /// <summary>Timestamp after which nobody waits any more.</summary>
    public long Deadline => deadline;

    /// <summary>Completes with the verdict.</summary>
    public Task<RedemptionVerdict> Verdict => _verdict.Task;

    /// <summary>Gives the verdict; only the first counts.</summary>
    public void Decide(RedemptionVerdict verdict) => _verdict.TrySetResult(verdict);
}
