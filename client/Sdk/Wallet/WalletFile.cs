namespace Veil.ClientSdk;

/// <summary>
/// The wallet's file while this process holds its lock: opened for one transaction and closed at its end. What <see cref="Append"/> and
/// <see cref="Rewrite"/> wrote is on the disk when they return.
/// </summary>
internal sealed class WalletFile : IDisposable
{
    private readonly string _path;
    private readonly FileStream _lock;

    private WalletFile(string path, FileStream @lock)
    {
        _path = path;
        _lock = @lock;
    }

    /// <summary>Waits until no other process is in a transaction.</summary>
    /// <exception cref="VeilException">Another process held the lock all through <paramref name="patience"/>, or the folder cannot be written.</exception>
    public static WalletFile Open(string path, TimeSpan patience)
    {
        long started = Environment.TickCount64;
        while (true)
        {
            try
            {
                return new WalletFile(path, OpenPrivately(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException) when (File.Exists(path + ".lock") && Environment.TickCount64 - started < patience.TotalMilliseconds)
            {
                // The lock of a file is all that .NET offers across processes on every system, and it cannot be waited for.
                Thread.Sleep(Random.Shared.Next(1, 10));
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                throw new VeilException(VeilFailure.WalletUnavailable, Hop.Client, $"the wallet {path} cannot be locked for writing ({failure.GetType().Name}).", failure);
            }
        }
    }

    /// <summary>At most <paramref name="count"/> bytes from <paramref name="offset"/>; empty where there is no file yet.</summary>
    public byte[] Read(long offset, int count)
    {
        if (!File.Exists(_path))
        {
            return [];
        }

        using FileStream file = new(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[Math.Clamp(file.Length - offset, 0, count)];
        file.Position = offset;
        file.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Writes at <paramref name="offset"/>, which is the end of the last whole frame, and waits for the disk.</summary>
    public void Append(long offset, ReadOnlySpan<byte> frames)
    {
        using FileStream file = new(_path, FileMode.Open, FileAccess.Write, FileShare.Read, bufferSize: 0);
        file.Position = offset;
        file.Write(frames);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Replaces the whole file at once: a crash leaves the old one or the new one.</summary>
    public void Rewrite(ReadOnlySpan<byte> journal)
    {
        string next = _path + ".next";
        using (FileStream file = OpenPrivately(next, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            file.Write(journal);
            file.Flush(flushToDisk: true);
        }

        File.Move(next, _path, overwrite: true);
        DirectorySync.Flush(Path.GetDirectoryName(Path.GetFullPath(_path))!);
    }

    /// <summary>Lets other processes in.</summary>
    public void Dispose() => _lock.Dispose();

    private static FileStream OpenPrivately(string path, FileMode mode, FileAccess access, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }
}
