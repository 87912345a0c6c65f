namespace Veil.Issuer.Tests.Rig;

/// <summary>A file system of a few megabytes that can be filled to its last page and made read-only while programs have files open on it. Needs root on Linux.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private const int PageSize = 4096;

    private readonly FileStream _filler;
    private bool _isReadOnly;

    private SmallDisk(string folder)
    {
        Folder = folder;
        _filler = new FileStream(Path.Combine(folder, "filler"), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
    }

    /// <summary>Where it is mounted.</summary>
    public string Folder { get; }

    /// <summary>Mounts one, or skips the test where that is not possible.</summary>
    public static async Task<SmallDisk> MountAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Mounting a file system needs root on Linux.");
        string folder = Directory.CreateTempSubdirectory("veil-disk-").FullName;
        if (!await Commands.RunAsync("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder))
        {
            Directory.Delete(folder);
            Assert.Skip("This sandbox does not let root mount a file system.");
        }

        return new SmallDisk(folder);
    }

    /// <summary>Takes whatever room is left.</summary>
    public void Fill()
    {
        try
        {
            while (true)
            {
                _filler.Write(new byte[PageSize]);
            }
        }
        catch (IOException)
        {
            // There is no page left.
        }
    }

    /// <summary>Gives back the room that was taken.</summary>
    public void Free() => _filler.SetLength(0);

    /// <summary>Whatever is opened from now on cannot be written; files that are open stay as they are.</summary>
    public async Task MakeReadOnlyAsync()
    {
        Assert.True(await Commands.RunAsync("mount", "--bind", Folder, Folder));
        _isReadOnly = true;
        Assert.True(await Commands.RunAsync("mount", "-o", "remount,ro,bind", Folder));
    }

    /// <summary>Takes that back.</summary>
    public async Task MakeWritableAsync()
    {
        Assert.True(await Commands.RunAsync("umount", "-l", Folder));
        _isReadOnly = false;
    }

    public async ValueTask DisposeAsync()
    {
        await _filler.DisposeAsync();
        if (_isReadOnly)
            await MakeWritableAsync();
        Assert.True(await Commands.RunAsync("umount", "-l", Folder));
        Directory.Delete(Folder);
    }
}
