using System.Security.Cryptography;
using Veil.KeyLifecycle;
using Veil.Postgres;

namespace Veil.KeyStore;

/// <summary>
/// The wrapped keys of one ring, wherever they lie: wrapping and its checks are here, the bytes are the concern of <see cref="KeyDirectory"/> and <see cref="PostgresKeyTable"/>.
/// Several processes (a server and its administration command, replicas) may work on one ring.
/// </summary>
public abstract class KeyStorage : IDisposable
{
    private readonly string _kind;
    private readonly WrappingKey _wrappingKey;

    private protected KeyStorage(string kind, WrappingKey wrappingKey)
    {
        ArgumentException.ThrowIfNullOrEmpty(kind);
        ArgumentNullException.ThrowIfNull(wrappingKey);
        _kind = kind;
        _wrappingKey = wrappingKey;
    }

    /// <summary>Opens the place that the options name, and makes it when absent.</summary>
    /// <param name="options">Validated.</param>
    /// <param name="kind">What the keys are for, for example "issuer token keys"; a key of another kind does not unwrap.</param>
    /// <param name="wrappingKey">Stays the caller's.</param>
    /// <exception cref="KeyStoreException">The place cannot be used.</exception>
    public static KeyStorage Open(KeyStoreOptions options, string kind, WrappingKey wrappingKey)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Postgres is { } database ? new PostgresKeyTable(database, kind, wrappingKey) : new KeyDirectory(options.Directory!, kind, wrappingKey);
    }

    /// <summary>True when there is at least one key of a kind at the place that the options name; makes nothing.</summary>
    /// <exception cref="KeyStoreException">The place cannot be used.</exception>
    public static bool HoldsKeys(KeyStoreOptions options, string kind)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Postgres is { } database ? PostgresKeyTable.HoldsKeys(database, kind) : KeyDirectory.HoldsKeys(options.Directory!);
    }

    /// <summary>Runs one change of the ring while no other process makes one; what it wrote is durable when this returns.</summary>
    /// <exception cref="KeyStoreException">Another process holds the lock for too long, or the place cannot be used.</exception>
    public abstract T Locked<T>(Func<T> change);

    /// <summary>The entries of all keys, without unwrapping any.</summary>
    /// <exception cref="KeyStoreException">What lies there is not a wrapped key, or cannot be read.</exception>
    public IReadOnlyList<KeyEntry> List() => [.. ReadAll().Select(stored => ReadEntry(stored.Serial, stored.Wrapped))];

    /// <summary>Unwraps one key and hands its material to <paramref name="factory"/>; the material is erased afterwards.</summary>
    /// <exception cref="KeyStoreException">The key is damaged, or belongs to another wrapping key or kind.</exception>
    public TKey Read<TKey>(KeyEntry entry, IKeyFactory<TKey> factory)
        where TKey : class, IDisposable
    {
        ArgumentNullException.ThrowIfNull(factory);
        return Unwrapped(entry, factory.Import);
    }

    /// <summary>Makes sure that the stored entry is genuine.</summary>
    /// <exception cref="KeyStoreException">The key is damaged, or belongs to another wrapping key or kind.</exception>
    public void Authenticate(KeyEntry entry) => Unwrapped(entry, (_, _) => true);

    /// <summary>Wraps and writes a key, or replaces that of the same serial.</summary>
    /// <exception cref="KeyStoreException">The place cannot be used.</exception>
    public void Write(KeyEntry entry, ReadOnlySpan<byte> material)
    {
        ArgumentNullException.ThrowIfNull(entry);
        Replace(entry.Serial, WrappedKey.Wrap(_wrappingKey, _kind, entry, material));
    }

    /// <summary>Gives a stored key the times of <paramref name="entry"/>.</summary>
    /// <exception cref="KeyStoreException">The key is damaged, or belongs to another wrapping key or kind.</exception>
    public void Reschedule(KeyEntry entry) => Unwrapped(entry, (_, material) =>
    {
        Write(entry, material);
        return true;
    });

    /// <summary>Removes a key; nothing happens when it is gone already.</summary>
    /// <exception cref="KeyStoreException">The place cannot be used.</exception>
    public abstract void Destroy(ulong serial);

    /// <inheritdoc/>
    public virtual void Dispose() => GC.SuppressFinalize(this);

    private protected abstract IReadOnlyList<(ulong Serial, byte[] Wrapped)> ReadAll();

    private protected abstract byte[] ReadOne(ulong serial);

    private protected abstract void Replace(ulong serial, byte[] wrapped);

    /// <summary>How a key is called in a message.</summary>
    private protected abstract string NameOf(ulong serial);

    private T Unwrapped<T>(KeyEntry entry, Func<KeyEntry, ReadOnlySpan<byte>, T> use)
    {
        ArgumentNullException.ThrowIfNull(entry);
        byte[] wrapped = ReadOne(entry.Serial);
        KeyEntry stored = ReadEntry(entry.Serial, wrapped);
        byte[] material = new byte[WrappedKey.MaterialSize(wrapped)];
        try
        {
            return WrappedKey.TryUnwrap(_wrappingKey, _kind, wrapped, material)
                ? use(stored, material)
                : throw new KeyStoreException($"{NameOf(entry.Serial)} does not unwrap: it is damaged, or it is not a key of \"{_kind}\" under this wrapping key.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(material);
        }
    }

    private KeyEntry ReadEntry(ulong serial, byte[] wrapped)
    {
        if (!WrappedKey.TryReadEntry(wrapped, out KeyEntry? entry) || entry!.Serial != serial)
            throw new KeyStoreException($"{NameOf(serial)} is not a wrapped key of this version.");
        return entry;
    }
}
