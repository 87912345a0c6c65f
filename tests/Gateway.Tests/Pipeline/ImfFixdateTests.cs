using System.Globalization;
using Veil.Gateway.Inner;

namespace Veil.Gateway.Tests.Pipeline;

public static class ImfFixdateTests
{
    [Fact]
    public static void Every_second_of_the_framework_reads_back()
    {
        var random = new Random(5);
        for (int i = 0; i < 10_000; i++)
        {
            DateTimeOffset date = DateTimeOffset.UnixEpoch.AddSeconds(random.NextInt64(4_000_000_000));
            Assert.True(ImfFixdate.TryParse(date.ToString("r", CultureInfo.InvariantCulture), out DateTimeOffset read));
            Assert.Equal(date, read);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("Mon, 06 Nov 1994 08:49:37 GMT")]
    [InlineData("Sun, 6 Nov 1994 08:49:37 GMT")]
    [InlineData("Sun, 06 Nov 1994 08:49:37 UTC")]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT ")]
    [InlineData("Sun, 06 nov 1994 08:49:37 GMT")]
    [InlineData("Sun, 31 Nov 1994 08:49:37 GMT")]
    [InlineData("Sun, 06 Nov 0000 08:49:37 GMT")]
    [InlineData("Sun, 06 Nov 1994 24:49:37 GMT")]
    [InlineData("Sun, 06 Nov 1994 08:60:37 GMT")]
    [InlineData("Sun, 06 Nov 1994 08:49:60 GMT")]
    [InlineData("Sun, 06 Nov 1994 08:49:+7 GMT")]
    [InlineData("Sun, 0a Nov 1994 08:49:37 GMT")]
    [InlineData("Sunday, 06-Nov-94 08:49:37 GMT")]
    [InlineData("Sun Nov  6 08:49:37 1994")]
    public static void Any_other_form_is_refused(string text) => Assert.False(ImfFixdate.TryParse(text, out _));
}
