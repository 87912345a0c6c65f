using Veil.Gateway.Services;

namespace Veil.Gateway.Tests;

public static class FieldAllowListTests
{
    [Theory]
    [InlineData("authorization")]
    [InlineData("cookie")]
    [InlineData("host")]
    [InlineData("transfer-encoding")]
    [InlineData("content-length")]
    [InlineData("Accept")]
    [InlineData("")]
    public static void A_service_cannot_let_in(string field)
    {
        Assert.False(FieldAllowList.MayAdd(new ServiceOptions { RequestFields = [field] }, out string? offending));
        Assert.Equal(field, offending);
    }

    [Theory]
    [InlineData("set-cookie")]
    [InlineData("www-authenticate")]
    [InlineData("connection")]
    public static void A_service_cannot_let_out(string field) =>
        Assert.False(FieldAllowList.MayAdd(new ServiceOptions { AnswerFields = [field] }, out _));

    [Fact]
    public static void What_identifies_a_person_is_not_on_the_common_list() => Assert.Empty(
        FieldAllowList.Request.Intersect(["authorization", "cookie", "user-agent", "referer", "origin", "accept-language", "x-forwarded-for", "forwarded", "from", "date"]));

    [Fact]
    public static void A_service_may_add_a_field_of_its_own()
    {
        Assert.True(FieldAllowList.MayAdd(new ServiceOptions { RequestFields = ["openai-beta"], AnswerFields = ["openai-version"] }, out _));
        Assert.Contains("openai-beta", FieldAllowList.ForRequests(["openai-beta"]).Items);
    }
}
