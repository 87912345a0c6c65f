using System.Collections.Immutable;
using Veil.KeyLifecycle;

namespace Veil.Common.Tests.KeyLifecycle;

public sealed class KeyForecastTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Fact]
    public void A_ring_that_follows_its_schedule_shows_each_change_once_and_in_order()
    {
        KeyForecast forecast = Of(new KeyTimeline([new KeyEntry(1, Start, Start)]), 22 * Day);
        Assert.Empty(forecast.Problems);
        Assert.Equal(
            [
                (5, 2UL, KeyChange.Announced), (7, 2UL, KeyChange.TakesOver), (12, 3UL, KeyChange.Announced), (14, 1UL, KeyChange.GraceEnds), (14, 3UL, KeyChange.TakesOver),
                (19, 4UL, KeyChange.Announced), (21, 2UL, KeyChange.GraceEnds), (21, 4UL, KeyChange.TakesOver),
            ],
            forecast.Changes.Select(change => ((int)(change.At - Start).TotalDays, change.Serial, change.Change)));
    }

    [Fact]
    public void Whatever_the_schedule_and_the_moment_there_is_always_one_active_key_and_never_more_than_three_live()
    {
        var random = new Random(42);
        for (int round = 0; round < 300; round++)
        {
            TimeSpan epoch = TimeSpan.FromSeconds(random.Next(20, 100_000));
            TimeSpan notice = TimeSpan.FromSeconds(random.Next(1, (int)epoch.TotalSeconds + 1));
            TimeSpan grace = TimeSpan.FromSeconds(random.Next(0, (int)epoch.TotalSeconds + 1));
            var schedule = new RotationSchedule(new EpochSchedule(DateTimeOffset.UnixEpoch, epoch), notice, grace);
            DateTimeOffset now = Start + TimeSpan.FromSeconds(random.Next(0, 1_000_000));
            KeyForecast forecast = KeyForecast.Of(new KeyTimeline([KeyTimeline.Empty.FirstKey(now)]), schedule, TimeSpan.Zero, now, 12 * epoch);
            Assert.DoesNotContain(forecast.Problems, problem => problem.Rule is PlanRule.Coverage or PlanRule.LiveKeys or PlanRule.Rotation or PlanRule.Notice);
            AssertLifeOfEveryKey(forecast);
        }
    }

    [Fact]
    public void A_clock_that_went_back_shows_the_gap_and_its_end()
    {
        KeyForecast forecast = Of(new KeyTimeline([new KeyEntry(1, Start + 2 * Day, Start + 2 * Day)]), 7 * Day);
        PlanProblem gap = Assert.Single(forecast.Problems, problem => problem.Rule is PlanRule.Coverage);
        Assert.Equal((Start, (DateTimeOffset?)(Start + 2 * Day)), (gap.From, gap.Until));
    }

    [Fact]
    public void A_ring_without_a_key_never_gets_one_by_itself() =>
        Assert.Equal((PlanRule.Coverage, null), Of(KeyTimeline.Empty, 30 * Day).Problems.Select(problem => (problem.Rule, problem.Until)).Single());

    [Fact]
    public void A_key_that_a_clock_far_ahead_announced_shows_as_a_rotation_that_does_not_happen()
    {
        var timeline = new KeyTimeline([new KeyEntry(1, Start, Start), new KeyEntry(2, Start + 300 * Day, Start + 305 * Day)]);
        PlanProblem stuck = Assert.Single(Of(timeline, 60 * Day).Problems);
        Assert.Equal((PlanRule.Rotation, 1UL), (stuck.Rule, stuck.Serial!.Value));
    }

    [Fact]
    public void A_jump_ahead_by_years_leaves_no_instant_without_an_active_key()
    {
        var timeline = new KeyTimeline([new KeyEntry(1, Start, Start), new KeyEntry(2, Start + 5 * Day, Start + 7 * Day)]);
        KeyForecast forecast = KeyForecast.Of(timeline, Schedule(), Day / 24, Start + 1000 * Day, 60 * Day);
        Assert.DoesNotContain(forecast.Problems, problem => problem.Rule is PlanRule.Coverage or PlanRule.LiveKeys);
        Assert.Contains(forecast.Changes, change => change is { Serial: 1, Change: KeyChange.GraceEnds });
        Assert.Contains(forecast.Changes, change => change is { Serial: 3, Change: KeyChange.TakesOver });
    }

    [Fact]
    public void A_fourth_live_key_is_a_problem()
    {
        KeyEntry[] entries = [.. Enumerable.Range(1, 4).Select(serial => new KeyEntry((ulong)serial, Start, Start - Day + TimeSpan.FromHours(serial)))];
        Assert.Contains(Of(new KeyTimeline(entries), 8 * Day).Problems, problem => problem.Rule is PlanRule.LiveKeys && problem.Until is not null);
    }

    [Fact]
    public void A_directory_that_is_cached_longer_than_keys_are_announced_or_accepted_is_a_problem()
    {
        var timeline = new KeyTimeline([new KeyEntry(1, Start, Start)]);
        PlanRule[] rules = [.. KeyForecast.Of(timeline, Schedule(), 3 * Day, Start, 8 * Day).Problems.Select(problem => problem.Rule)];
        Assert.Equal([PlanRule.Notice], rules);
        rules = [.. KeyForecast.Of(timeline, Schedule(), 7 * Day, Start, 1 * Day).Problems.Select(problem => problem.Rule)];
        Assert.Equal([PlanRule.Grace], rules);
    }

    [Fact]
    public void A_length_that_is_none_or_endless_is_a_mistake_of_the_caller()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Of(KeyTimeline.Empty, TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => Of(KeyTimeline.Empty, (KeyForecast.MaxEpochs + 1) * 7 * Day));
    }

    private static RotationSchedule Schedule() => new(new EpochSchedule(Start, 7 * Day), notice: 2 * Day, grace: 7 * Day);

    private static KeyForecast Of(KeyTimeline timeline, TimeSpan length) => KeyForecast.Of(timeline, Schedule(), TimeSpan.FromHours(1), Start, length);

    private static void AssertLifeOfEveryKey(KeyForecast forecast)
    {
        Assert.Equal(forecast.Changes.OrderBy(change => change.At), forecast.Changes);
        foreach (IGrouping<ulong, PlannedChange> key in forecast.Changes.GroupBy(change => change.Serial))
        {
            ImmutableArray<KeyChange> life = [.. key.OrderBy(change => change.At).ThenBy(change => change.Change).Select(change => change.Change)];
            Assert.Equal(life.Distinct().Order(), life);
        }
    }
}
