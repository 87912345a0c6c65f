using System.Runtime.Versioning;
using System.Security.Cryptography;
using Veil.Common.Tests.KeyLifecycle;
using Veil.KeyLifecycle;
using Veil.KeyStore;

namespace Veil.Common.Tests.KeyStore;

public sealed class StoredKeyRingTests : IDisposable
{
    private static readonly RotationSchedule Schedule = new(
        new EpochSchedule(DateTimeOffset.UnixEpoch, TimeSpan.FromHours(10)), notice: TimeSpan.FromHours(10), grace: TimeSpan.FromHours(10));

    private readonly TemporaryFolder _folder = new();
    private readonly WrappingKey _wrappingKey = new(RandomNumberGenerator.GetBytes(WrappingKey.Size));

    private string Keys => _folder["keys"];

    public void Dispose()
    {
        _wrappingKey.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_ring_comes_back_with_the_same_keys_and_times()
    {
        using StoredKeyRing<TestKey> first = Open();
        first.CreateFirst(At(1));
        Assert.True(first.Refresh(At(1)));

        using StoredKeyRing<TestKey> second = Open();
        second.Refresh(At(1));
        Assert.True(first.Live.SameAs(second.Live));
        Assert.Equal(first.Live.Active!.Key.Material, second.Live.Active!.Key.Material);
    }

    [Fact]
    public void An_empty_folder_is_an_empty_ring_and_stays_one()
    {
        using StoredKeyRing<TestKey> ring = Open();
        ring.Refresh(At(1));
        Assert.Null(ring.Live.Active);
        Assert.False(KeyDirectory.HoldsKeys(Keys));
    }

    [Fact]
    public void A_first_key_is_made_once()
    {
        using StoredKeyRing<TestKey> ring = Open();
        ring.CreateFirst(At(1));
        Assert.Throws<KeyStoreException>(() => ring.CreateFirst(At(1)));
    }

    [Fact]
    public void Keys_follow_each_other_on_schedule_and_expired_ones_leave_the_disk()
    {
        using StoredKeyRing<TestKey> ring = Open();
        ring.CreateFirst(At(0));
        for (int hour = 0; hour <= 200; hour++)
        {
            ring.Refresh(At(hour));
            Assert.InRange(Directory.GetFiles(Keys, "*.key").Length, 1, RotationSchedule.MaxLive);
        }

        Assert.Equal(At(200), ring.Live.Active!.Entry.ActiveFrom);
        Assert.Equal(At(210), ring.Live.Announced.Single().Entry.ActiveFrom);
        Assert.Equal(At(190), ring.Live.Grace.Single().Entry.ActiveFrom);
    }

    [Fact]
    public void A_removed_key_serves_until_the_refresh_after_the_next()
    {
        using StoredKeyRing<TestKey> ring = Open();
        ring.CreateFirst(At(0));
        ring.Refresh(At(0));
        TestKey first = ring.Live.Active!.Key;
        ring.Refresh(At(10));
        ring.Refresh(At(20));
        Assert.DoesNotContain(first, ring.Live.All.Select(key => key.Key));
        Assert.False(first.IsDisposed);
        ring.Refresh(At(20));
        Assert.True(first.IsDisposed);
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
    public void A_rotation_by_another_process_arrives_with_the_next_refresh()
    {
        using StoredKeyRing<TestKey> server = Open();
        server.CreateFirst(At(0));
        server.Refresh(At(1));
        TestKey announced = server.Live.Announced.Single().Key;
        using (StoredKeyRing<TestKey> command = Open())
        {
            Assert.Equal(2UL, command.Rotate(At(2)).Serial);
        }

        Assert.True(server.Refresh(At(2)));
        Assert.Same(announced, server.Live.Active!.Key);
        Assert.Equal(1UL, server.Live.Grace.Single().Entry.Serial);
    }

    [Fact]
    public void Only_a_key_that_is_not_active_can_be_retired()
    {
        using StoredKeyRing<TestKey> ring = Open();
        ring.CreateFirst(At(0));
        ring.Refresh(At(0));
        ring.Rotate(At(1));
        Assert.Throws<KeyStoreException>(() => ring.Retire(2, At(1)));
        Assert.Throws<KeyStoreException>(() => ring.Retire(77, At(1)));
        ring.Retire(1, At(1));
        ring.Refresh(At(1));
        Assert.DoesNotContain(1UL, ring.Live.Accepted.Select(key => key.Entry.Serial));
    }

    [Fact]
    public void A_replica_that_may_not_create_receives_keys_and_invents_none()
    {
        using StoredKeyRing<TestKey> writer = Open();
        writer.CreateFirst(At(0));
        using StoredKeyRing<TestKey> replica = Open();
        replica.Refresh(At(5), mayCreate: false);
        Assert.Single(Directory.GetFiles(Keys, "*.key"));
        writer.Refresh(At(5));
        Assert.True(replica.Refresh(At(5), mayCreate: false));
        Assert.Equal(2UL, replica.Live.Announced.Single().Entry.Serial);
    }

    [Fact]
    public void Another_wrapping_key_opens_nothing_and_says_so()
    {
        using (StoredKeyRing<TestKey> ring = Open())
        {
            ring.CreateFirst(At(0));
        }

        using var other = new WrappingKey(new byte[WrappingKey.Size]);
        using StoredKeyRing<TestKey> opened = Open(other);
        var refused = Assert.Throws<KeyStoreException>(() => opened.Refresh(At(0)));
        Assert.Contains("does not unwrap", refused.Message, StringComparison.Ordinal);
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

    [Fact]
    public async Task Concurrent_writers_make_one_key_for_one_epoch()
    {
        using (StoredKeyRing<TestKey> ring = Open())
        {
            ring.CreateFirst(At(0));
        }

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            using StoredKeyRing<TestKey> ring = Open();
            ring.Refresh(At(1));
        })));
        Assert.Equal(2, Directory.GetFiles(Keys, "*.key").Length);
    }

    private static DateTimeOffset At(double hours) => DateTimeOffset.UnixEpoch + TimeSpan.FromHours(hours);

    private StoredKeyRing<TestKey> Open(WrappingKey? wrappingKey = null, string kind = "test keys") =>
        new(new KeyDirectory(Keys, kind, wrappingKey ?? _wrappingKey), Schedule, new TestKeys());

    private void AssertRefused(string path, byte[] file)
    {
        File.WriteAllBytes(path, file);
        using StoredKeyRing<TestKey> ring = Open();
        Assert.Throws<KeyStoreException>(() => ring.Refresh(At(0)));
    }

    private sealed class TestKeys : IKeyFactory<TestKey>
    {
        public byte[] Generate(KeyEntry entry, IReadOnlyCollection<TestKey> live) => RandomNumberGenerator.GetBytes(24);

        public TestKey Import(KeyEntry entry, ReadOnlySpan<byte> material) => new(material.ToArray());
    }
}
