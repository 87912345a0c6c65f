using Veil.ClientSdk;

namespace Veil.Client.Tests.Privacy;

public static class HeaderAllowListTests
{
    [Theory]
    [InlineData("Accept")]
    [InlineData("content-type")]
    [InlineData("Range")]
    public static void What_says_nothing_about_the_person_travels(string name) => Assert.True(new HeaderAllowList([]).Allows(name));

    [Theory]
    [InlineData("Authorization")]
    [InlineData("Cookie")]
    [InlineData("User-Agent")]
    [InlineData("Accept-Language")]
    [InlineData("OpenAI-Organization")]
    [InlineData("X-Stainless-Lang")]
    [InlineData("X-Request-Id")]
    [InlineData("Idempotency-Key")]
    [InlineData("traceparent")]
    [InlineData("Something-New")]
    public static void What_is_not_named_stays(string name) => Assert.False(new HeaderAllowList([]).Allows(name));

    [Fact]
    public static void A_named_field_travels() => Assert.True(new HeaderAllowList(["X-Model-Hint"]).Allows("x-model-hint"));

    [Theory]
    [InlineData("authorization")]
    [InlineData("Cookie")]
    [InlineData("X-Stainless-OS")]
    [InlineData("Sec-CH-UA")]
    [InlineData("Transfer-Encoding")]
    [InlineData("Content-Length")]
    [InlineData("Date")]
    [InlineData("")]
    [InlineData("no token")]
    public static void What_carries_identity_or_framing_can_never_be_named(string name)
    {
        Assert.False(HeaderAllowList.MayBeAllowed(name));
        Assert.Throws<ArgumentException>(() => new HeaderAllowList([name]));
    }
}
