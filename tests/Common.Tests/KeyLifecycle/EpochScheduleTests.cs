using FsCheck;
using FsCheck.Fluent;
using Veil.KeyLifecycle;

namespace Veil.Common.Tests.KeyLifecycle;

public class EpochScheduleTests
{
    private static readonly EpochSchedule Hours = new(DateTimeOffset.UnixEpoch, TimeSpan.FromHours(1));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(3599, 0)]
    [InlineData(3600, 1)]
    [InlineData(-1, -1)]
    [InlineData(-3600, -1)]
    [InlineData(-3601, -2)]
    public void The_first_instant_belongs_to_its_epoch(long seconds, long epoch) =>
        Assert.Equal(epoch, Hours.EpochAt(DateTimeOffset.FromUnixTimeSeconds(seconds)));

    [Fact]
    public void Every_instant_lies_between_the_start_of_its_epoch_and_of_the_next() =>
        Prop.ForAll<int, ushort>((seconds, length) =>
        {
            var schedule = new EpochSchedule(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000), TimeSpan.FromSeconds(length + 1));
            DateTimeOffset now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000L + seconds);
            long epoch = schedule.EpochAt(now);
            return schedule.StartOf(epoch) <= now && now < schedule.StartOf(epoch + 1);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(42, 43));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1.5)]
    public void A_length_that_is_no_positive_number_of_seconds_is_refused(double seconds) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new EpochSchedule(DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(0, 60)]
    [InlineData(61, 60)]
    [InlineData(60, 61)]
    [InlineData(60, -1)]
    public void Notice_and_grace_beyond_an_epoch_are_refused(int noticeMinutes, int graceMinutes) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RotationSchedule(Hours, TimeSpan.FromMinutes(noticeMinutes), TimeSpan.FromMinutes(graceMinutes)));
}
