namespace Veil.KeyLifecycle;

/// <summary>Makes keys of one kind, and makes them again from what was stored.</summary>
public interface IKeyFactory<TKey>
    where TKey : class, IDisposable
{
    /// <summary>Draws the material of a new key. The caller erases the array.</summary>
    /// <param name="entry">Its number and times.</param>
    /// <param name="live">The ring's other keys, for identifiers that must differ.</param>
    byte[] Generate(KeyEntry entry, IReadOnlyCollection<TKey> live);

    /// <summary>The key from its material, which is erased after the call.</summary>
    TKey Import(KeyEntry entry, ReadOnlySpan<byte> material);
}
