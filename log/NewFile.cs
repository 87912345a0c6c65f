namespace Veil.TransparencyLog;

/// <summary>Files that a command makes once: one that is there already is never overwritten.</summary>
internal static class NewFile
{
    /// <summary>Writes a new file.</summary>
    /// <param name="path">Where.</param>
    /// <param name="text">Its content.</param>
    /// <param name="isPrivate">Its user's alone (mode 0600).</param>
    /// <exception cref="IOException">It is there already, or cannot be written.</exception>
    public static void Write(string path, string text, bool isPrivate)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (isPrivate && !OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var created = new FileStream(path, options);
        try
        {
            using var file = new StreamWriter(created);
            file.Write(text);
        }
        catch (IOException)
        {
            // Half a file would stand in the way of the next try.
            File.Delete(path);
            throw;
        }
    }
}
