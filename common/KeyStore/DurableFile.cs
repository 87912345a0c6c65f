using System.Runtime.InteropServices;

namespace Veil.KeyStore;

/// <summary>
/// Files that are either wholly there or not at all, also after a power cut: written beside, fsynced, renamed, and the folder fsynced.
/// Only their owner can read them.
/// </summary>
internal static partial class DurableFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Makes the folder for its owner alone, or refuses one that others may enter.</summary>
    public static void CreateFolder(string path)
    {
        if (Directory.Exists(path))
            RefuseIfOthersCanRead(path);
        else if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
    }

    /// <summary>Writes a file that must not exist yet.</summary>
    public static void Create(string path, ReadOnlySpan<byte> content)
    {
        Write(path, FileMode.CreateNew, content);
        SyncFolderOf(path);
    }

    /// <summary>Writes a file, or replaces it in one step.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        string beside = path + ".new";
        Write(beside, FileMode.Create, content);
        File.Move(beside, path, overwrite: true);
        SyncFolderOf(path);
    }

    /// <summary>Overwrites a file with zeros and removes it.</summary>
    public static void Erase(string path)
    {
        using (var stream = new FileStream(path, FileMode.Open, FileAccess.Write))
        {
            stream.Write(new byte[stream.Length]);
            stream.Flush(flushToDisk: true);
        }

        File.Delete(path);
        SyncFolderOf(path);
    }

    /// <summary>Refuses a secret that its group or everybody could read.</summary>
    /// <exception cref="KeyStoreException">Group or others have any right on it.</exception>
    public static void RefuseIfOthersCanRead(string path)
    {
        if (OperatingSystem.IsWindows())
            return;

        UnixFileMode mode = File.GetUnixFileMode(path);
        if ((mode & Others) != 0)
        {
            string wanted = Directory.Exists(path) ? "700" : "600";
            throw new KeyStoreException($"{path} has mode {Convert.ToString((int)mode, 8)}, but only its owner may have rights on it: chmod {wanted} {path}");
        }
    }

    private static void Write(string path, FileMode mode, ReadOnlySpan<byte> content)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;

        using var stream = new FileStream(path, options);
        stream.Write(content);
        stream.Flush(flushToDisk: true);
    }

    /// <summary>.NET opens no folders, so the rename is made durable through libc; Windows has no such call and needs none.</summary>
    private static void SyncFolderOf(string path)
    {
        if (OperatingSystem.IsWindows())
            return;

        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        int descriptor = OpenReadOnly(folder, 0);
        if (descriptor < 0)
            throw new IOException($"The folder {folder} cannot be opened (errno {Marshal.GetLastPInvokeError()}).");

        try
        {
            if (Synchronize(descriptor) != 0)
                throw new IOException($"The folder {folder} cannot be synchronized (errno {Marshal.GetLastPInvokeError()}).");
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int OpenReadOnly(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Synchronize(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int descriptor);
}
