using Veil.Gateway.Epochs;

namespace Veil.Gateway.Tests.Epochs;

/// <summary>Two replicas over one folder.</summary>
public sealed class PublisherLeaseTests : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);
    private readonly string _folder = Directory.CreateTempSubdirectory("veil-lease-").FullName;
    private readonly ManualClock _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private string LeaseFile => Path.Combine(_folder, "publisher");

    [Fact]
    public void One_replica_holds_it_until_it_ends_and_prolongs_it_as_long_as_it_asks()
    {
        PublisherLease first = New(), second = New();
        Assert.True(first.TryTake(In(60)));
        Assert.False(second.TryTake(In(60)));
        _clock.Advance(TimeSpan.FromSeconds(59));
        Assert.False(second.TryTake(In(60)));
        Assert.True(first.TryTake(In(60)));
        _clock.Advance(TimeSpan.FromSeconds(59));
        Assert.False(second.TryTake(In(60)));
        Assert.True(first.IsHeld);
        Assert.False(second.IsHeld);
    }

    [Fact]
    public void When_it_has_ended_another_takes_it_and_the_first_hears_so()
    {
        PublisherLease first = New(), second = New();
        Assert.True(first.TryTake(In(60)));
        _clock.Advance(TimeSpan.FromSeconds(60));
        Assert.True(second.TryTake(In(60)));
        Assert.False(first.TryTake(In(60)));
        Assert.False(first.IsHeld);
    }

    [Fact]
    public void A_replica_that_stops_gives_it_up_and_takes_nothing_from_others()
    {
        PublisherLease first = New(), second = New();
        Assert.True(first.TryTake(In(60)));
        second.Release();
        Assert.False(second.TryTake(In(60)));
        first.Release();
        Assert.True(second.TryTake(In(60)));
        first.Release();
        Assert.True(second.TryTake(In(60)));
        Assert.False(first.TryTake(In(60)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("somebody")]
    [InlineData("somebody soon\n")]
    [InlineData("somebody -1\n")]
    [InlineData("somebody 99999999999999999999999\n")]
    [InlineData("somebody 9999999999999\n")]
    public void What_is_no_lease_or_none_that_anybody_would_have_taken_holds_nobody_up(string content)
    {
        File.WriteAllText(LeaseFile, content);
        Assert.True(New().TryTake(In(60)));
        Assert.False(New().TryTake(In(60)));
    }

    [Fact]
    public void While_another_has_the_file_open_nothing_is_taken()
    {
        using (new FileStream(LeaseFile, FileMode.Create, FileAccess.ReadWrite, FileShare.None))
            Assert.False(New().TryTake(In(60)));
        Assert.True(New().TryTake(In(60)));
    }

    [Fact]
    public void A_folder_that_is_gone_is_an_error_and_not_somebody_elses_lease()
    {
        Directory.Delete(_folder);
        Assert.Throws<DirectoryNotFoundException>(() => New().TryTake(In(60)));
        Directory.CreateDirectory(_folder);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private PublisherLease New() => new(_folder, Longest, _clock);

    private DateTimeOffset In(int seconds) => _clock.GetUtcNow() + TimeSpan.FromSeconds(seconds);
}
