using System.Runtime.Versioning;
using System.Security.Cryptography;
using Veil.Common.Tests.KeyLifecycle;
using Veil.KeyLifecycle;
using Veil.KeyStore;

namespace Veil.Common.Tests.KeyStore;

/// <summary>What every ring does, wherever its keys lie.</summary>
public abstract class StoredKeyRingTests : IDisposable
{
    internal static readonly RotationSchedule Schedule = new(
        new EpochSchedule(DateTimeOffset.UnixEpoch, TimeSpan.FromHours(10)), notice: TimeSpan.FromHours(10), grace: TimeSpan.FromHours(10));

    private readonly WrappingKey _wrappingKey = new(RandomNumberGenerator.GetBytes(WrappingKey.Size));

    public virtual void Dispose()
    {
        _wrappingKey.Dispose();
        GC.SuppressFinalize(this);
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
    public void An_empty_place_is_an_empty_ring_and_stays_one()
    {
        using StoredKeyRing<TestKey> ring = Open();
        ring.Refresh(At(1));
        Assert.Null(ring.Live.Active);
        Assert.False(HoldsKeys());
    }

    [Fact]
    public void A_first_key_is_made_once()
    {
        using StoredKeyRing<TestKey> ring = Open();
        ring.CreateFirst(At(1));
        Assert.Throws<KeyStoreException>(() => ring.CreateFirst(At(1)));
    }

    [Fact]
    public void Keys_follow_each_other_on_schedule_and_expired_ones_leave()
    {
        using StoredKeyRing<TestKey> ring = Open();
        ring.CreateFirst(At(0));
        for (int hour = 0; hour <= 200; hour++)
        {
            ring.Refresh(At(hour));
            Assert.InRange(Count(), 1, RotationSchedule.MaxLive);
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

    /// <summary>Its predecessor's grace would be reckoned from the key after it.</summary>
    [Fact]
    public void A_key_between_two_is_not_retired_before_the_older_one()
    {
        using StoredKeyRing<TestKey> ring = Open();
        ring.CreateFirst(At(0));
        ring.Refresh(At(0));
        ring.Rotate(At(1));
        ring.Refresh(At(1));
        ring.Rotate(At(1));
        ring.Refresh(At(1));
        ulong[] grace = [.. ring.Live.Grace.Select(key => key.Entry.Serial).Order()];
        Assert.Equal([1UL, 2UL], grace);

        Assert.Contains("Key 1 is older", Assert.Throws<KeyStoreException>(() => ring.Retire(2, At(1))).Message, StringComparison.Ordinal);
        ring.Retire(1, At(1));
        ring.Retire(2, At(1));
        ring.Refresh(At(1));
        Assert.Empty(ring.Live.Grace);
    }

    [Fact]
    public void A_replica_that_may_not_create_receives_keys_and_invents_none()
    {
        using StoredKeyRing<TestKey> writer = Open();
        writer.CreateFirst(At(0));
        using StoredKeyRing<TestKey> replica = Open();
        replica.Refresh(At(5), mayCreate: false);
        Assert.Equal(1, Count());
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
        Assert.Equal(2, Count());
    }

    [Fact]
    public async Task Replicas_that_start_at_once_share_one_first_key()
    {
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() =>
        {
            using StoredKeyRing<TestKey> ring = Open();
            ring.EnsureFirst(At(0));
            ring.Refresh(At(0));
            Assert.Equal(1UL, ring.Live.Active!.Entry.Serial);
        })));
        using StoredKeyRing<TestKey> after = Open();
        after.Refresh(At(0));
        Assert.Equal(1UL, after.Live.Active!.Entry.Serial);
        Assert.True(HoldsKeys());
    }

    [Fact]
    public void Replicas_that_refresh_in_turn_hold_the_same_keys_at_all_times()
    {
        using StoredKeyRing<TestKey> one = Open();
        using StoredKeyRing<TestKey> two = Open();
        one.EnsureFirst(At(0));
        for (int hour = 0; hour <= 100; hour++)
        {
            StoredKeyRing<TestKey>[] turn = hour % 3 == 0 ? [two, one] : [one, two];
            Array.ForEach(turn, ring => ring.Refresh(At(hour)));
            Assert.True(one.Live.SameAs(two.Live));
            Assert.Equal(one.Live.All.Select(key => key.Key.Material), two.Live.All.Select(key => key.Key.Material));
        }
    }

    private protected static DateTimeOffset At(double hours) => DateTimeOffset.UnixEpoch + TimeSpan.FromHours(hours);

    private protected StoredKeyRing<TestKey> Open(WrappingKey? wrappingKey = null, string kind = "test keys") =>
        new(OpenStorage(kind, wrappingKey ?? _wrappingKey), Schedule, new TestKeys());

    /// <summary>Opens the place; it is the same one for the whole of a test.</summary>
    private protected abstract KeyStorage OpenStorage(string kind, WrappingKey wrappingKey);

    /// <summary>How many keys of the kind "test keys" lie there.</summary>
    private protected abstract int Count();

    private protected abstract bool HoldsKeys();

    private sealed class TestKeys : IKeyFactory<TestKey>
    {
        public byte[] Generate(KeyEntry entry, IReadOnlyCollection<TestKey> live) => RandomNumberGenerator.GetBytes(24);

        public TestKey Import(KeyEntry entry, ReadOnlySpan<byte> material) => new(material.ToArray());
    }
}
