using System.Collections.Concurrent;

namespace Veil.Issuer;

/// <summary>
/// One thread a processor for all that signs: a batch takes tens of milliseconds, and would otherwise hold the threads that carry everybody's bytes. Batches
/// beyond that wait for their turn; what waits was counted against a quota, which bounds it.
/// </summary>
internal sealed class SigningThreads : IDisposable
{
    private readonly BlockingCollection<Task> _queue = [];

    public SigningThreads()
    {
        for (int i = 0; i < Environment.ProcessorCount; i++)
            new Thread(Work) { IsBackground = true, Name = "signing" }.Start();
    }

    /// <summary>Runs <paramref name="sign"/> on one of the threads; what it throws comes back to the caller.</summary>
    public Task<T> RunAsync<T>(Func<T> sign)
    {
        var task = new Task<T>(sign, TaskCreationOptions.RunContinuationsAsynchronously);
        _queue.Add(task);
        return task;
    }

    /// <summary>Ends the threads once the queue is empty.</summary>
    public void Dispose() => _queue.CompleteAdding();

    private void Work()
    {
        foreach (Task task in _queue.GetConsumingEnumerable())
            task.RunSynchronously(TaskScheduler.Default);
    }
}
