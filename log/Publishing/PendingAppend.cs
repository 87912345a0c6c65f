namespace Veil.TransparencyLog.Publishing;

/// <summary>An entry on its way into the log.</summary>
/// <param name="Index">Where its publisher expects it.</param>
/// <param name="Entry">The exact bytes.</param>
internal sealed record PendingAppend(long Index, ReadOnlyMemory<byte> Entry)
{
    private readonly TaskCompletionSource<(AppendOutcome Outcome, long Size, byte[] Checkpoint)> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Where it stands once it is in the log.</summary>
    public long Place { get; set; } = -1;

    /// <summary>The outcome, the log's size and, when done, the checkpoint.</summary>
    public Task<(AppendOutcome Outcome, long Size, byte[] Checkpoint)> Result => _done.Task;

    /// <summary>Tells the publisher.</summary>
    public void End(AppendOutcome outcome, long size, byte[] checkpoint) => _done.TrySetResult((outcome, size, checkpoint));
}
