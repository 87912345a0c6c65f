using System.Globalization;

namespace Veil.KeyStore;

/// <summary>
/// A folder that holds the wrapped keys of one ring, one file <c>SERIAL.key</c> a key. Changes are made under a lock file, so several processes
/// (a server and its administration command, or replicas on a shared folder) can work on one ring; each change is atomic and durable.
/// </summary>
public sealed class KeyDirectory : KeyStorage
{
    private const string Pattern = "*.key";

    /// <summary>Many times the second or so that making one RSA key takes: whoever holds the lock longer is stuck.</summary>
    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(10);
    private readonly string _folder;

    /// <param name="folder">Made when absent; refused when others than its owner have rights on it.</param>
    /// <param name="kind">What the keys are for, for example "issuer token keys"; a key of another kind does not unwrap.</param>
    /// <param name="wrappingKey">Stays the caller's.</param>
    /// <exception cref="KeyStoreException">The folder cannot be made, or others have rights on it.</exception>
    public KeyDirectory(string folder, string kind, WrappingKey wrappingKey)
        : base(kind, wrappingKey)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _folder = folder;
        Guarded(() => DurableFile.CreateFolder(folder));
    }

    /// <summary>True when there is at least one key in a folder; opens and makes nothing.</summary>
    public static bool HoldsKeys(string folder) => Directory.Exists(folder) && Directory.EnumerateFiles(folder, Pattern).Any();

    /// <summary>Runs one change of the ring while no other process makes one.</summary>
    /// <exception cref="KeyStoreException">Another process holds the lock for more than 10 seconds.</exception>
    public override T Locked<T>(Func<T> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        using FileStream held = TakeLock();
        return change();
    }

    /// <summary>Overwrites and removes a key; nothing happens when it is gone already.</summary>
    public override void Destroy(ulong serial)
    {
        string path = NameOf(serial);
        if (File.Exists(path))
            Guarded(() => DurableFile.Erase(path));
    }

    private protected override IReadOnlyList<(ulong Serial, byte[] Wrapped)> ReadAll() =>
        Guarded(() => Directory.EnumerateFiles(_folder, Pattern).Order(StringComparer.Ordinal).Select(path => (SerialOf(path), File.ReadAllBytes(path))).ToList());

    private protected override byte[] ReadOne(ulong serial) => Guarded(() => File.ReadAllBytes(NameOf(serial)));

    private protected override void Replace(ulong serial, byte[] wrapped) => Guarded(() => DurableFile.Replace(NameOf(serial), wrapped));

    private protected override string NameOf(ulong serial) => Path.Combine(_folder, $"{serial:D8}.key");

    private ulong SerialOf(string path) =>
        ulong.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out ulong serial) && NameOf(serial) == path
            ? serial
            : throw new KeyStoreException($"{path} is not a wrapped key of this version.");

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
