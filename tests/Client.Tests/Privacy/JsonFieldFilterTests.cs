using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Veil.ClientSdk;

namespace Veil.Client.Tests.Privacy;

public static class JsonFieldFilterTests
{
    private static readonly JsonFieldFilter Filter = new(JsonFieldRule.Default);

    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"m","user":"me","messages":[{"role":"user"}]}""", """{"model":"m","messages":[{"role":"user"}]}""")]
    [InlineData("/v1/chat/completions", """{"stream":true,"metadata":{"a":1},"safety_identifier":"x","store":true,"made_up":1}""", """{"stream":true}""")]
    [InlineData("/v1/chat/completions", """{"\u0075ser":"me"}""", "{}")]
    [InlineData("/elsewhere", """{"user":"me","made_up":1}""", """{"made_up":1}""")]
    [InlineData("/elsewhere", """{ "made_up" : 1.50 }""", """{ "made_up" : 1.50 }""")]
    [InlineData("/elsewhere", """["user"]""", """["user"]""")]
    public static void Fields_that_name_a_person_are_taken_out(string path, string body, string expected)
    {
        Assert.True(Filter.TryFilter(path, Encoding.UTF8.GetBytes(body), out ReadOnlyMemory<byte>? filtered));
        Assert.Equal(expected, Encoding.UTF8.GetString(filtered.Value.Span));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"model":1}{"user":"me"}""")]
    [InlineData("""{"model":1,"model":2}""")]
    [InlineData("user=me")]
    [InlineData("""{"model":1,"\ud800":2}""")]
    [InlineData("""{"model":"\ud800","user":"me"}""")]
    public static void What_is_not_clearly_JSON_is_refused(string body) =>
        Assert.False(Filter.TryFilter("/v1/chat/completions", Encoding.UTF8.GetBytes(body), out _));

    [Theory]
    [InlineData("/elsewhere", "application/json", true)]
    [InlineData("/elsewhere", "Application/JSON", true)]
    [InlineData("/elsewhere", "application/problem+json", true)]
    [InlineData("/elsewhere", "text/plain", false)]
    [InlineData("/elsewhere", null, false)]
    [InlineData("/v1/chat/completions", "application/json", true)]
    [InlineData("/v1/chat/completions", "text/plain", true)]
    [InlineData("/v1/chat/completions", null, true)]
    public static void A_rule_for_a_path_holds_whatever_the_media_type_says(string path, string? mediaType, bool requires) =>
        Assert.Equal(requires, Filter.Requires(path, mediaType));

    [Fact]
    public static void An_allow_list_for_every_path_holds_whatever_the_media_type_says() =>
        Assert.True(new JsonFieldFilter([new JsonFieldRule { Allow = ["model"] }]).Requires("/elsewhere", null));

    [Fact]
    public static void Any_bytes_are_filtered_or_refused_without_throwing() =>
        Prop.ForAll<byte[]>(bytes => Filter.TryFilter("/v1/chat/completions", bytes, out ReadOnlyMemory<byte>? filtered) == (filtered is not null))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(42, 43));
}
