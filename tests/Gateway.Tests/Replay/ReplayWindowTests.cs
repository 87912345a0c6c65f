using Microsoft.Extensions.Options;
using Veil.Gateway.Replay;

namespace Veil.Gateway.Tests.Replay;

public sealed class ReplayWindowTests
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(2);
    private readonly ManualClock _clock = new(new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public void A_request_is_accepted_once()
    {
        ReplayWindow window = Create();

        Assert.Equal(Refusal.None, window.Remember(Enc(1)));
        Assert.Equal(Refusal.Replayed, window.Remember(Enc(1)));
        Assert.Equal(Refusal.None, window.Remember(Enc(2)));
    }

    [Fact]
    public void A_request_is_remembered_for_as_long_as_its_date_can_pass()
    {
        ReplayWindow window = Create();
        for (int start = 0; start < 8; start++)
        {
            // Wherever in a slot it comes, with a Date as late as can be: twice the window later it is still known.
            window.Remember(Enc(start));
            _clock.Advance(2 * Window);
            Assert.Equal(Refusal.Replayed, window.Remember(Enc(start)));
            _clock.Advance(TimeSpan.FromSeconds(37));
        }
    }

    [Fact]
    public void Memory_is_given_back_once_no_date_can_pass()
    {
        ReplayWindow window = Create(capacity: 16);
        int accepted = 0;
        for (int i = 0; i < 1000; i++)
        {
            accepted += window.Remember(Enc(i)) is Refusal.None ? 1 : 0;
        }

        Assert.InRange(accepted, 1, 16);
        _clock.Advance(Window * 2.25);
        Assert.Equal(Refusal.None, window.Remember(Enc(5000)));
    }

    [Fact]
    public void A_full_memory_refuses_instead_of_forgetting()
    {
        ReplayWindow window = Create(capacity: 16);
        for (int i = 0; i < 1000; i++)
        {
            window.Remember(Enc(i));
        }

        Assert.Equal(Refusal.ReplayMemoryFull, window.Remember(Enc(5001)));
    }

    /// <summary>A tenth of the documented capacity, at a tenth of the documented rate, until every slot was in use three times.</summary>
    [Fact]
    public void The_documented_rate_is_served_for_as_long_as_it_lasts()
    {
        const int RequestsPerSecond = 1_600;
        ReplayWindow window = Create(new ReplayOptions().Capacity / 10);
        int next = 0;
        for (int second = 0; second < 3 * 2.25 * Window.TotalSeconds; second++)
        {
            for (int i = 0; i < RequestsPerSecond; i++)
                Assert.Equal(Refusal.None, window.Remember(Enc(next++)));
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(Refusal.Replayed, window.Remember(Enc(next - (RequestsPerSecond * 2 * (int)Window.TotalSeconds))));
    }

    [Fact]
    public async Task Of_many_that_come_at_once_one_is_accepted()
    {
        ReplayWindow window = Create();
        Refusal[] outcomes = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => window.Remember(Enc(7)))));

        Assert.Single(outcomes, Refusal.None);
    }

    [Theory]
    [InlineData(-120, true)]
    [InlineData(120, true)]
    [InlineData(-121, false)]
    [InlineData(121, false)]
    public void A_date_passes_within_the_window_either_way(int seconds, bool accepted) =>
        Assert.Equal(accepted, Create().Accepts(_clock.GetUtcNow().AddSeconds(seconds)));

    private ReplayWindow Create(int capacity = 100_000) => new(Options.Create(new ReplayOptions { Window = Window, Capacity = capacity }), _clock);

    private static byte[] Enc(int number)
    {
        byte[] enc = new byte[32];
        BitConverter.TryWriteBytes(enc.AsSpan(16), number);
        return enc;
    }
}
