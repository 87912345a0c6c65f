using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Veil.KeyLifecycle;

namespace Veil.Common.Tests.KeyLifecycle;

public class KeyRingTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;
    private static readonly RotationSchedule Schedule = new(new EpochSchedule(Start, TimeSpan.FromHours(10)), notice: TimeSpan.FromHours(10), grace: TimeSpan.FromHours(10));

    [Fact]
    public void A_key_passes_the_four_states_in_order()
    {
        var timeline = new KeyTimeline([new KeyEntry(1, At(0), At(10)), new KeyEntry(2, At(10), At(20))]);
        KeyState[] states = [.. new[] { 9.99, 10, 19.99, 20, 29.99, 30 }.Select(hour => timeline.StateAt(0, Schedule.Grace, At(hour)))];
        Assert.Equal([KeyState.Announced, KeyState.Active, KeyState.Active, KeyState.Grace, KeyState.Grace, KeyState.Destroyed], states);
    }

    [Fact]
    public void A_key_without_a_successor_stays_active()
    {
        var timeline = new KeyTimeline([new KeyEntry(1, At(0), At(0))]);
        Assert.Equal(KeyState.Active, timeline.StateAt(0, Schedule.Grace, At(10_000)));
    }

    [Fact]
    public void Two_keys_with_one_serial_are_refused() =>
        Assert.Throws<ArgumentException>(() => new KeyTimeline([new KeyEntry(1, At(0), At(0)), new KeyEntry(1, At(1), At(1))]));

    [Fact]
    public void The_next_key_is_announced_within_the_notice_and_takes_over_at_the_epoch()
    {
        KeyRing<TestKey> ring = Advance(new([]), At(1), out _);
        Assert.Equal([new KeyEntry(1, At(1), At(1))], ring.Timeline.Entries);
        ring = Advance(ring, At(1), out _);
        Assert.Equal(new KeyEntry(2, At(1), At(10)), ring.At(Schedule, At(1)).Announced.Single().Entry);
    }

    [Fact]
    public void A_key_announced_too_late_takes_over_one_epoch_later()
    {
        KeyRing<TestKey> ring = Advance(new([]), At(6), out _);
        ring = Advance(ring, At(6), out _);
        Assert.Equal(At(20), ring.At(Schedule, At(6)).Announced.Single().Entry.ActiveFrom);
    }

    [Fact]
    public void After_an_outage_the_known_key_stays_until_a_successor_was_announced()
    {
        KeyRing<TestKey> ring = Advance(new([]), At(0), out _);
        ring = Advance(ring, At(1004), out ImmutableArray<RingKey<TestKey>> removed);
        LiveKeys<TestKey> live = ring.At(Schedule, At(1004));
        Assert.Empty(removed);
        Assert.Equal(1UL, live.Active!.Entry.Serial);
        Assert.Equal(At(1010), live.Announced.Single().Entry.ActiveFrom);
    }

    [Fact]
    public void Whatever_the_steps_there_is_one_active_key_and_never_more_than_three_live_ones() =>
        Prop.ForAll<byte[]>(steps =>
        {
            KeyRing<TestKey> ring = new([]);
            DateTimeOffset now = At(0);
            foreach (byte step in steps)
            {
                now += TimeSpan.FromMinutes(step * 7);
                ring = Advance(ring, now, out _);
                LiveKeys<TestKey> live = ring.At(Schedule, now);
                if (live.Active is null || live.All.Count() > RotationSchedule.MaxLive || live.NextChange <= now)
                    return false;
            }

            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(42, 43));

    [Fact]
    public void No_state_changes_before_the_next_change() =>
        Prop.ForAll<byte[]>(steps =>
        {
            KeyRing<TestKey> ring = new([]);
            DateTimeOffset now = At(0);
            foreach (byte step in steps)
            {
                now += TimeSpan.FromMinutes(step * 7);
                ring = Advance(ring, now, out _);
                LiveKeys<TestKey> live = ring.At(Schedule, now);
                DateTimeOffset later = live.NextChange - TimeSpan.FromSeconds(1);
                if (later > now && (!ring.At(Schedule, later).SameAs(live) || ring.Timeline.Plan(Schedule, later).Destroy.Length > 0))
                    return false;
            }

            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(42, 43));

    [Fact]
    public void A_takeover_by_hand_uses_the_announced_key_and_stops_at_three_live_ones()
    {
        var timeline = new KeyTimeline([new KeyEntry(1, At(0), At(0)), new KeyEntry(2, At(1), At(10))]);
        Assert.Equal(new KeyEntry(2, At(1), At(5)), timeline.Takeover(Schedule, At(5)));

        timeline = new KeyTimeline([new KeyEntry(1, At(0), At(0)), new KeyEntry(2, At(1), At(5))]);
        Assert.Equal(new KeyEntry(3, At(6), At(6)), timeline.Takeover(Schedule, At(6)));

        timeline = new KeyTimeline([.. timeline.Entries, new KeyEntry(3, At(6), At(6))]);
        Assert.Null(timeline.Takeover(Schedule, At(7)));
    }

    [Fact]
    public void A_key_whose_grace_is_over_leaves_the_ring()
    {
        KeyRing<TestKey> ring = Advance(new([]), At(0), out _);
        ring = Advance(ring, At(0), out _);
        ring = Advance(ring, At(10), out _);
        KeyRing<TestKey> after = Advance(ring, At(20), out ImmutableArray<RingKey<TestKey>> removed);
        Assert.Equal(1UL, removed.Single().Entry.Serial);
        Assert.DoesNotContain(after.Keys, key => key.Entry.Serial == 1);
    }

    private static KeyRing<TestKey> Advance(KeyRing<TestKey> ring, DateTimeOffset now, out ImmutableArray<RingKey<TestKey>> removed) =>
        ring.Advance(Schedule, now, entry => new TestKey([(byte)entry.Serial]), out removed);

    private static DateTimeOffset At(double hours) => Start + TimeSpan.FromHours(hours);
}
