using System.Diagnostics.CodeAnalysis;

namespace Veil.Crypto;

/// <summary>
/// Keeps a few idle native contexts for reuse, without locks. It never holds more than its slots; what does not fit is disposed.
/// A thread looks first at the slot of its processor, so that under load each finds its own.
/// </summary>
internal sealed class BoundedPool<T>
    where T : class, IDisposable
{
    private readonly T?[] _slots = new T?[Math.Clamp(Environment.ProcessorCount * 2, 4, 64)];
    private volatile bool _closed;

    /// <summary>Takes an idle object that nobody else holds.</summary>
    public bool TryRent([NotNullWhen(true)] out T? item)
    {
        int start = Start;
        for (int i = 0; i < _slots.Length; i++)
        {
            ref T? slot = ref _slots[(start + i) % _slots.Length];
            item = slot is null ? null : Interlocked.Exchange(ref slot, null);
            if (item is not null)
                return true;
        }

        item = null;
        return false;
    }

    /// <summary>Gives an object back, or ends it where the pool is full or closed.</summary>
    public void Return(T item)
    {
        int start = Start;
        for (int i = 0; i < _slots.Length && !_closed; i++)
        {
            ref T? slot = ref _slots[(start + i) % _slots.Length];
            if (slot is not null || Interlocked.CompareExchange(ref slot, item, null) is not null)
                continue;

            if (_closed)
                Interlocked.Exchange(ref slot, null)?.Dispose();
            return;
        }

        item.Dispose();
    }

    /// <summary>Ends every idle object; those that are out end when they come back.</summary>
    public void Close()
    {
        _closed = true;
        for (int i = 0; i < _slots.Length; i++)
            Interlocked.Exchange(ref _slots[i], null)?.Dispose();
    }

    private int Start => Thread.GetCurrentProcessorId() % _slots.Length;
}
