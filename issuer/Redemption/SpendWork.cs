namespace Veil.Issuer;

/// <summary>One call's redemptions on their way to a commit.</summary>
internal sealed class SpendWork(ReadOnlyMemory<Redemption> redemptions, DateTimeOffset now)
{
    private readonly TaskCompletionSource<Verdict[]> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What is to be spent.</summary>
    public ReadOnlyMemory<Redemption> Redemptions => redemptions;

    /// <summary>When it was asked for.</summary>
    public DateTimeOffset Now => now;

    /// <summary>The verdicts in the order of the redemptions; the committer fills them.</summary>
    public Verdict[] Verdicts { get; } = new Verdict[redemptions.Length];

    /// <summary>Ends when the verdicts are on disk.</summary>
    public Task<Verdict[]> Result => _result.Task;

    /// <summary>The verdicts are on disk.</summary>
    public void Complete() => _result.SetResult(Verdicts);

    /// <summary>They are not known to be.</summary>
    public void Fail(StoreUnavailableException reason) => _result.SetException(reason);
}
