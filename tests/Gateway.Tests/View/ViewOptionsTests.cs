using Veil.Gateway.View;

namespace Veil.Gateway.Tests.View;

public static class ViewOptionsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, 12, 16)]
    [InlineData(119, 12, 16)]
    [InlineData(120, 14, 18)]
    public static void A_view_is_signed_anew_at_half_its_life(int minutes, int notBefore, int notAfter)
    {
        var options = new ViewOptions();
        DateTimeOffset now = Noon.AddMinutes(minutes);

        Assert.Equal((Noon.Date.AddHours(notBefore), Noon.Date.AddHours(notAfter)), (options.NotBefore(now).UtcDateTime, options.NotAfter(now).UtcDateTime));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(86_400)]
    public static void Whenever_it_is_fetched_about_half_its_life_is_left(int seconds)
    {
        var options = new ViewOptions { Lifetime = TimeSpan.FromSeconds(seconds) };
        for (DateTimeOffset now = Noon; now < Noon.AddDays(2); now = now.AddSeconds(997))
        {
            Assert.InRange(now, options.NotBefore(now), options.NotAfter(now).AddSeconds(-seconds / 2));
        }
    }
}
