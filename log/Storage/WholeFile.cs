namespace Veil.TransparencyLog.Storage;

/// <summary>Replaces a file at once: whoever reads it, also after a crash, finds the old bytes or the new ones.</summary>
internal static class WholeFile
{
    /// <summary>Writes, and returns when the bytes and the name are on the disk.</summary>
    public static void WriteDurably(string path, ReadOnlySpan<byte> bytes)
    {
        string folder = Path.GetDirectoryName(path)!;
        string next = path + ".next";
        using (var file = new FileStream(next, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
        DirectorySync.Flush(folder);
    }

    /// <summary>Writes what can be made again from something durable: whole for readers, and no wait for the disk.</summary>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        string next = path + ".next";
        try
        {
            File.WriteAllBytes(next, bytes);
        }
        catch (DirectoryNotFoundException)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(next, bytes);
        }

        File.Move(next, path, overwrite: true);
    }
}
