using Veil.PrivacyPass;

namespace Veil.Gateway.Redemption;

/// <summary>The tokens of one request, which wait for their verdicts together.</summary>
internal sealed class PendingRedemption(IReadOnlyList<Token> tokens, RedemptionId id, long begun, long deadline)
{
    private readonly TaskCompletionSource<RedemptionVerdict> _verdict = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The tokens; one at least.</summary>
    public IReadOnlyList<Token> Tokens => tokens;

    /// <summary>The id of the inbound request.</summary>
    public RedemptionId Id => id;

    /// <summary>Timestamp at which it began to wait.</summary>
    public long Begun => begun;

    /// <summary>Timestamp after which nobody waits any more.</summary>
    public long Deadline => deadline;

    /// <summary>Completes with the verdict on all of them.</summary>
    public Task<RedemptionVerdict> Verdict => _verdict.Task;

    /// <summary>Gives the verdicts, one for each token: accepted when all are, else the first that says why not.</summary>
    public void Decide(ReadOnlySpan<RedemptionVerdict> verdicts)
    {
        int refused = verdicts.IndexOfAnyExcept(RedemptionVerdict.Accepted);
        _verdict.TrySetResult(refused < 0 ? RedemptionVerdict.Accepted : verdicts[refused]);
    }

    /// <summary>There will be no verdict.</summary>
    public void GiveUp() => _verdict.TrySetResult(RedemptionVerdict.Unavailable);
}
