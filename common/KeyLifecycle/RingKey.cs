namespace Veil.KeyLifecycle;

/// <summary>A key in its ring.</summary>
/// <param name="Entry">Its number and times.</param>
/// <param name="Key">The key itself; the ring disposes it.</param>
public sealed record RingKey<TKey>(KeyEntry Entry, TKey Key)
    where TKey : class, IDisposable;
