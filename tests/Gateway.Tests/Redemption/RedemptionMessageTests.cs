using System.Text;
using Veil.Gateway.Redemption;

namespace Veil.Gateway.Tests.Redemption;

public static class RedemptionMessageTests
{
    [Theory]
    [InlineData("""{"verdicts":["\ud800"]}""")]
    [InlineData("""{"\ud800cts":["spent"]}""")]
    [InlineData("""{"\ud800":1,"verdicts":["\ud800"]}""")]
    public static void Text_that_is_no_unicode_is_refused(string answer) => Assert.False(RedemptionMessage.TryRead(Encoding.UTF8.GetBytes(answer), 1, out _));
}
