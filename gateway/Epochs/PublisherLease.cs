using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Veil.Gateway.Epochs;

/// <summary>
/// Which of the replicas that share a folder publishes: the one whose name is in the file <c>publisher</c>, until the time beside it. It keeps one replica's view of the
/// fleet in head after head; that no epoch gets two heads is the log's doing, whatever happens to this file or to a machine's clock.
/// </summary>
internal sealed class PublisherLease
{
    /// <summary>The file's longest content that is read.</summary>
    private const int MaxSize = 128;

    private readonly string _file;
    private readonly TimeSpan _longest;
    private readonly TimeProvider _time;
    private readonly string _name = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <param name="folder">Shared by the replicas.</param>
    /// <param name="longest">Longest time from now for which a lease is believed: a machine whose clock was far ahead does not hold the place for as long.</param>
    /// <param name="time">This machine's clock.</param>
    public PublisherLease(string folder, TimeSpan longest, TimeProvider time)
    {
        _file = Path.Combine(folder, "publisher");
        (_longest, _time) = (longest, time);
    }

    /// <summary>True while this replica was the one to publish when it asked last.</summary>
    public bool IsHeld { get; private set; }

    /// <summary>Takes the lease, or prolongs it; false where another replica has it, or takes it at this moment.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public bool TryTake(DateTimeOffset until)
    {
        using FileStream? file = Open();
        IsHeld = file is not null && IsFree(file);
        if (IsHeld)
        {
            file!.SetLength(0);
            file.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{_name} {until.ToUnixTimeMilliseconds()}\n")));
            file.Flush(flushToDisk: true);
        }

        return IsHeld;
    }

    /// <summary>Gives the place up, so that another replica need not wait for the end of the lease.</summary>
    public void Release()
    {
        if (!IsHeld)
            return;
        IsHeld = false;
        try
        {
            using FileStream? file = Open();
            if (file is not null && IsFree(file))
                file.SetLength(0);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The lease ends by itself.
        }
    }

    /// <summary>The file, for this replica alone; null while another has it open.</summary>
    private FileStream? Open()
    {
        try
        {
            return new FileStream(_file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException) when (File.Exists(_file))
        {
            return null;
        }
    }

    /// <summary>True where nobody else has a lease that still runs. What is not a lease, after a crash in the middle of a write, is none.</summary>
    private bool IsFree(FileStream file)
    {
        byte[] content = new byte[MaxSize];
        int read = file.ReadAtLeast(content, MaxSize, throwOnEndOfStream: false);
        file.Position = 0;
        return Encoding.ASCII.GetString(content, 0, read).Split(' ', '\n') is not [{ } holder, { } end, ""]
            || holder == _name
            || !long.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out long milliseconds)
            || _time.GetUtcNow().ToUnixTimeMilliseconds() is var now && (milliseconds <= now || milliseconds > now + (long)_longest.TotalMilliseconds);
    }
}
