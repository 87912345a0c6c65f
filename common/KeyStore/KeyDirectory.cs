using System.Security.Cryptography;
using Veil.KeyLifecycle;

namespace Veil.KeyStore;

/// <summary>
/// A folder that holds the wrapped keys of one ring, one file <c>SERIAL.key</c> a key. Changes are made under a lock file, so several processes
/// (a server and its administration command, or replicas on a shared folder) can work on one ring; each change is atomic and durable.
/// </summary>
public sealed class KeyDirectory
{
    private const string Pattern = "*.key";

    /// <summary>Many times the second or so that making one RSA key takes: whoever holds the lock longer is stuck.</summary>
    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(10);
    private readonly string _folder;
    private readonly string _kind;
    private readonly WrappingKey _wrappingKey;

    /// <param name="folder">Made when absent; refused when others than its owner have rights on it.</param>
    /// <param name="kind">What the keys are for, for example "issuer token keys"; a key of another kind does not unwrap.</param>
    /// <param name="wrappingKey">Stays the caller's.</param>
    /// <exception cref="KeyStoreException">The folder cannot be made, or others have rights on it.</exception>
    public KeyDirectory(string folder, string kind, WrappingKey wrappingKey)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(kind);
        ArgumentNullException.ThrowIfNull(wrappingKey);
        _folder = folder;
        _kind = kind;
        _wrappingKey = wrappingKey;
        Guarded(() => DurableFile.CreateFolder(folder));
    }

    /// <summary>True when there is at least one key in a folder; opens and makes nothing.</summary>
    public static bool HoldsKeys(string folder) => Directory.Exists(folder) && Directory.EnumerateFiles(folder, Pattern).Any();

    /// <summary>Runs one change of the ring while no other process makes one.</summary>
    /// <exception cref="KeyStoreException">Another process holds the lock for more than 10 seconds.</exception>
    public T Locked<T>(Func<T> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        using FileStream held = TakeLock();
        return change();
    }

    /// <summary>The entries of all keys, without unwrapping any.</summary>
    /// <exception cref="KeyStoreException">A file is not a wrapped key, or cannot be read.</exception>
    public IReadOnlyList<KeyEntry> List() => Guarded(() => Files().Select(path => ReadEntry(path, File.ReadAllBytes(path))).ToList());

    /// <summary>Unwraps one key and hands its material to <paramref name="factory"/>; the material is erased afterwards.</summary>
    /// <exception cref="KeyStoreException">The file is damaged, or belongs to another wrapping key or kind.</exception>
    public TKey Read<TKey>(KeyEntry entry, IKeyFactory<TKey> factory)
        where TKey : class, IDisposable
    {
        ArgumentNullException.ThrowIfNull(factory);
        return Unwrapped(entry, factory.Import);
    }

    /// <summary>Makes sure that the stored entry is genuine.</summary>
    /// <exception cref="KeyStoreException">The file is damaged, or belongs to another wrapping key or kind.</exception>
    public void Authenticate(KeyEntry entry) => Unwrapped(entry, (_, _) => true);

    /// <summary>Wraps and writes a key, or replaces the file of the same serial.</summary>
    public void Write(KeyEntry entry, ReadOnlySpan<byte> material)
    {
        ArgumentNullException.ThrowIfNull(entry);
        byte[] file = WrappedKey.Wrap(_wrappingKey, _kind, entry, material);
        Guarded(() => DurableFile.Replace(PathOf(entry.Serial), file));
    }

    /// <summary>Gives a stored key the times of <paramref name="entry"/>.</summary>
    /// <exception cref="KeyStoreException">The file is damaged, or belongs to another wrapping key or kind.</exception>
    public void Reschedule(KeyEntry entry) => Unwrapped(entry, (_, material) =>
    {
        Write(entry, material);
        return true;
    });

    /// <summary>Overwrites and removes a key; nothing happens when it is gone already.</summary>
    public void Destroy(ulong serial)
    {
        string path = PathOf(serial);
        if (File.Exists(path))
            Guarded(() => DurableFile.Erase(path));
    }

    private T Unwrapped<T>(KeyEntry entry, Func<KeyEntry, ReadOnlySpan<byte>, T> use)
    {
        ArgumentNullException.ThrowIfNull(entry);
        string path = PathOf(entry.Serial);
        byte[] file = Guarded(() => File.ReadAllBytes(path));
        KeyEntry stored = ReadEntry(path, file);
        byte[] material = new byte[WrappedKey.MaterialSize(file)];
        try
        {
            return WrappedKey.TryUnwrap(_wrappingKey, _kind, file, material)
                ? use(stored, material)
                : throw new KeyStoreException($"{path} does not unwrap: the file is damaged, or it is not a key of \"{_kind}\" under this wrapping key.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(material);
        }
    }

    private IEnumerable<string> Files() => Directory.EnumerateFiles(_folder, Pattern).Order(StringComparer.Ordinal);

    private string PathOf(ulong serial) => Path.Combine(_folder, $"{serial:D8}.key");

    private KeyEntry ReadEntry(string path, byte[] file)
    {
        if (!WrappedKey.TryReadEntry(file, out KeyEntry? entry) || PathOf(entry!.Serial) != path)
            throw new KeyStoreException($"{path} is not a wrapped key of this version.");
        return entry;
    }

    private FileStream TakeLock()
    {
        string path = Path.Combine(_folder, "lock");
        long started = Environment.TickCount64;
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (e is not DirectoryNotFoundException && Environment.TickCount64 - started < LockTimeout.TotalMilliseconds)
            {
                Thread.Sleep(20);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new KeyStoreException($"{path} cannot be locked; another process may be changing the ring: {e.Message}", e);
            }
        }
    }

    private static void Guarded(Action work) => Guarded(() =>
    {
        work();
        return true;
    });

    private static T Guarded<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KeyStoreException($"The key folder cannot be used: {e.Message}", e);
        }
    }
}
