using System.Runtime.Versioning;
using Veil.Common.Tests.KeyLifecycle;
using Veil.KeyStore;

namespace Veil.Common.Tests.KeyStore;

/// <summary>Rings in a folder.</summary>
public sealed class KeyDirectoryTests : StoredKeyRingTests
{
    private readonly TemporaryFolder _folder = new();

    private string Keys => _folder["keys"];

    public override void Dispose()
    {
        base.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_key_of_another_kind_does_not_unwrap()
    {
        using (StoredKeyRing<TestKey> ring = Open())
        {
            ring.CreateFirst(At(0));
        }

        using StoredKeyRing<TestKey> opened = Open(kind: "other keys");
        Assert.Throws<KeyStoreException>(() => opened.Refresh(At(0)));
    }

    [Fact]
    public void A_published_key_stays_usable_while_refreshes_fail()
    {
        using StoredKeyRing<TestKey> ring = Open();
        ring.CreateFirst(At(0));
        ring.Refresh(At(0));
        TestKey published = ring.Live.Active!.Key;
        using (StoredKeyRing<TestKey> command = Open())
        {
            command.Rotate(At(1));
            command.Retire(1, At(1));
        }

        string lockFile = Path.Combine(Keys, "lock");
        File.Delete(lockFile);
        Directory.CreateDirectory(lockFile);
        Assert.Throws<KeyStoreException>(() => ring.Refresh(At(20)));
        Assert.Throws<KeyStoreException>(() => ring.Refresh(At(20)));
        Assert.Same(published, ring.Live.Active!.Key);
        Assert.False(published.IsDisposed);

        Directory.Delete(lockFile);
        ring.Refresh(At(20));
        Assert.DoesNotContain(published, ring.Live.All.Select(key => key.Key));
        Assert.False(published.IsDisposed);
        ring.Refresh(At(20));
        Assert.True(published.IsDisposed);
    }

    [Fact]
    public void Every_flipped_bit_and_every_truncation_of_a_wrapped_key_is_refused()
    {
        using (StoredKeyRing<TestKey> ring = Open())
        {
            ring.CreateFirst(At(0));
        }

        string path = Directory.GetFiles(Keys, "*.key").Single();
        byte[] file = File.ReadAllBytes(path);
        for (int bit = 0; bit < file.Length * 8; bit++)
        {
            byte[] changed = [.. file];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            AssertRefused(path, changed);
        }

        for (int size = 0; size < file.Length; size++)
        {
            AssertRefused(path, file[..size]);
        }
    }

    [Fact]
    public void Times_that_were_changed_on_disk_are_not_taken_up_by_a_running_server()
    {
        using StoredKeyRing<TestKey> ring = Open();
        ring.CreateFirst(At(0));
        ring.Refresh(At(0));
        string path = Directory.GetFiles(Keys, "*.key").Order().Last();
        byte[] file = File.ReadAllBytes(path);
        file[31] ^= 1;
        File.WriteAllBytes(path, file);
        Assert.Throws<KeyStoreException>(() => ring.Refresh(At(0)));
        Assert.NotNull(ring.Live.Active);
    }

    [Fact, UnsupportedOSPlatform("windows")]
    public void A_folder_that_others_may_enter_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no Unix file modes to check.");
        Directory.CreateDirectory(Keys);
        File.SetUnixFileMode(Keys, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead);
        var refused = Assert.Throws<KeyStoreException>(() => Open());
        Assert.Contains("chmod 700", refused.Message, StringComparison.Ordinal);
    }

    [Fact, UnsupportedOSPlatform("windows")]
    public void Files_on_disk_are_for_their_owner_alone_and_hold_no_material()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no Unix file modes to check.");
        using StoredKeyRing<TestKey> ring = Open();
        ring.CreateFirst(At(0));
        ring.Refresh(At(0));
        foreach (string path in Directory.GetFiles(Keys, "*.key"))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            Assert.Equal(-1, File.ReadAllBytes(path).AsSpan().IndexOf(ring.Live.Active!.Key.Material));
        }
    }

    private protected override KeyStorage OpenStorage(string kind, WrappingKey wrappingKey) => new KeyDirectory(Keys, kind, wrappingKey);

    private protected override int Count() => Directory.GetFiles(Keys, "*.key").Length;

    private protected override bool HoldsKeys() => KeyDirectory.HoldsKeys(Keys);

    private void AssertRefused(string path, byte[] file)
    {
        File.WriteAllBytes(path, file);
        using StoredKeyRing<TestKey> ring = Open();
        Assert.Throws<KeyStoreException>(() => ring.Refresh(At(0)));
    }
}
