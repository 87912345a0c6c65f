using System.Globalization;
using System.Text;

namespace Veil.ClientSdk;

/// <summary>
/// How far this machine has seen the authority's log: size and root of the last checkpoint that it relied on. A later one that is shorter, or does not continue it, is
/// a fork or a rollback, and never used. One line in a file of the user's own (mode 0600): <c>size root\n</c>, the root in base64.
/// </summary>
internal sealed class SeenLog(string path)
{
    private const int RootSize = 32;

    /// <summary>Longest file that can be one: 19 digits, 44 of base64, a space and a line end.</summary>
    private const int MaxSize = 128;

    private static readonly TimeSpan HoldPause = TimeSpan.FromMilliseconds(20);

    /// <summary>Longest wait for another process; it writes one line.</summary>
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(5);

    /// <summary>The last one; null before the first.</summary>
    /// <exception cref="VeilException">The file is something else, or cannot be read.</exception>
    public (long Size, byte[] Root)? Read()
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using FileStream file = File.OpenRead(path);
            var bytes = new byte[MaxSize];
            int length = file.ReadAtLeast(bytes, MaxSize, throwOnEndOfStream: false);
            string[] parts = Encoding.ASCII.GetString(bytes, 0, length).TrimEnd('\n').Split(' ');
            var root = new byte[RootSize];
            return length < MaxSize && parts.Length is 2
                && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long size) && size > 0
                && Convert.TryFromBase64String(parts[1], root, out int written) && written is RootSize
                ? (size, root)
                : throw new VeilException(VeilFailure.SeenLogUnavailable, Hop.Client, $"{path} is not what this client wrote; a copy from a backup may take its place, deleting it forgets what was seen.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new VeilException(VeilFailure.SeenLogUnavailable, Hop.Client, $"{path} cannot be read ({failure.GetType().Name}).", failure);
        }
    }

    /// <summary>
    /// Keeps a checkpoint that continues what was read, on the disk when this returns. False, and nothing is kept, where another process has kept another meanwhile: whether
    /// this one continues that is not known.
    /// </summary>
    /// <exception cref="VeilException">It cannot be kept.</exception>
    public bool TryKeep((long Size, byte[] Root)? seen, long size, ReadOnlySpan<byte> root)
    {
        try
        {
            using FileStream held = Hold();
            (long Size, byte[] Root)? kept = Read();
            if (kept is { } same && same.Size == size && root.SequenceEqual(same.Root))
            {
                return true;
            }

            if (kept?.Size != seen?.Size || (kept is { } now && !now.Root.AsSpan().SequenceEqual(seen!.Value.Root)))
            {
                return false;
            }

            string next = $"{path}.{Guid.NewGuid():n}";
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (var file = new FileStream(next, options))
            {
                file.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{size} {Convert.ToBase64String(root)}\n")));
                file.Flush(flushToDisk: true);
            }

            File.Move(next, path, overwrite: true);
            DirectorySync.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new VeilException(VeilFailure.SeenLogUnavailable, Hop.Client, $"{path} cannot be written ({failure.GetType().Name}); without it a rollback would not be noticed.", failure);
        }
    }

    /// <summary>The file for this process alone, for as long as reading and writing take.</summary>
    private FileStream Hold()
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
                if (!OperatingSystem.IsWindows())
                {
                    options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                }

                return new FileStream($"{path}.lock", options);
            }
            catch (IOException) when (attempt < LongestHold / HoldPause && File.Exists($"{path}.lock"))
            {
                Thread.Sleep(HoldPause);
            }
        }
    }
}
