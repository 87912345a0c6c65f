using Veil.TransparencyLog.Storage;

namespace Veil.TransparencyLog.Publishing;

/// <summary>An entry on its way into the log.</summary>
/// <param name="Index">Where its publisher expects it.</param>
/// <param name="Entry">What is to stand there.</param>
internal sealed record PendingAppend(long Index, LogEntry Entry)
{
    private readonly TaskCompletionSource<(AppendOutcome Outcome, long Size, byte[] Checkpoint)> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The outcome, the log's size and, when done, the checkpoint.</summary>
    public Task<(AppendOutcome Outcome, long Size, byte[] Checkpoint)> Result => _done.Task;

    /// <summary>Tells the publisher.</summary>
    public void End(AppendOutcome outcome, long size, byte[] checkpoint) => _done.TrySetResult((outcome, size, checkpoint));
}
