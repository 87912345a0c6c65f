using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Veil.TransparencyLog.Storage;

/// <summary>Makes the entries of a folder durable: a new or renamed file is only then there after a loss of power.</summary>
internal static partial class DirectorySync
{
    /// <exception cref="IOException">The system refuses.</exception>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        using SafeFileHandle handle = Open(folder, 0);
        if (handle.IsInvalid || FileSync(handle) != 0)
            throw new IOException($"{folder} cannot be made durable (error {Marshal.GetLastPInvokeError()}).");
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FileSync(SafeFileHandle handle);
}
