namespace Veil.HostAgent.Configfs;

/// <summary>The kernel's folder of report entries. Its files are no ordinary ones: they cannot be created, truncated or removed, and each write is one message.</summary>
internal class TsmFolder(string path)
{
    /// <summary>Most bytes read of a report or table: 16 times the largest known.</summary>
    private const int MaxBlobSize = 1024 * 1024;

    /// <summary>Where it is mounted.</summary>
    public string Path { get; } = path;

    /// <summary>Makes an entry; the kernel fills it with its attributes.</summary>
    public virtual string Add()
    {
        string entry = System.IO.Path.Combine(Path, $"veil-{Guid.NewGuid():n}");
        Directory.CreateDirectory(entry);
        return entry;
    }

    /// <summary>Removes an entry: one rmdir, which takes the attributes along.</summary>
    public virtual void Remove(string entry) => Directory.Delete(entry);

    /// <summary>An attribute to its end, whatever size the file system states (a page or nothing); empty where the provider has no such attribute.</summary>
    public virtual byte[] Read(string entry, string attribute)
    {
        string file = System.IO.Path.Combine(entry, attribute);
        if (!File.Exists(file))
            return [];
        using FileStream stream = Open(file, FileAccess.Read);
        byte[] buffer = new byte[MaxBlobSize];
        int size = stream.ReadAtLeast(buffer, MaxBlobSize, throwOnEndOfStream: false);
        return buffer[..size];
    }

    /// <summary>An attribute that is a line of text.</summary>
    public string ReadText(string entry, string attribute) => System.Text.Encoding.ASCII.GetString(Read(entry, attribute)).Trim();

    /// <summary>Writes an attribute in one call.</summary>
    public virtual void Write(string entry, string attribute, ReadOnlySpan<byte> value)
    {
        using FileStream stream = Open(System.IO.Path.Combine(entry, attribute), FileAccess.Write);
        stream.Write(value);
    }

    private static FileStream Open(string file, FileAccess access) => new(file, FileMode.Open, access, FileShare.ReadWrite, bufferSize: 0);
}
