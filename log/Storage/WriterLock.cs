namespace Veil.TransparencyLog.Storage;

/// <summary>One process at a time for a folder, for as long as the stream is open: the system frees the lock when the process ends in whatever way.</summary>
internal static class WriterLock
{
    /// <summary>Takes the lock.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="whenHeld">What to say when another process has it.</param>
    /// <exception cref="IOException">Another process has it, or the folder cannot be written.</exception>
    public static FileStream Hold(string folder, string whenHeld)
    {
        string path = Path.Combine(folder, "lock");
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException failure) when (File.Exists(path))
        {
            throw new IOException(whenHeld, failure);
        }
    }
}
