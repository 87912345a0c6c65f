using System.Runtime.InteropServices;

namespace Veil.ClientSdk;

/// <summary>Makes a rename durable: POSIX asks for an fsync of the directory, which .NET has no call for. Elsewhere a rename needs none.</summary>
internal static partial class DirectorySync
{
    public static void Flush(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor = Open(directory, 0);
        if (descriptor < 0)
        {
            throw new IOException($"The folder {directory} cannot be opened (errno {Marshal.GetLastPInvokeError()}).");
        }

        bool flushed = FSync(descriptor) is 0;
        int error = Marshal.GetLastPInvokeError();
        _ = Close(descriptor);
        if (!flushed)
        {
            throw new IOException($"The folder {directory} cannot be flushed to the disk (errno {error}).");
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
