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
    public static void What_is_not_clearly_JSON_is_refused(string body) =>
        Assert.False(Filter.TryFilter("/v1/chat/completions", Encoding.UTF8.GetBytes(body), out _));

    [Theory]
    [InlineData("application/json", true)]
    [InlineData("Application/JSON", true)]
    [InlineData("application/problem+json", true)]
    [InlineData("text/plain", false)]
    [InlineData(null, false)]
    public static void Only_JSON_is_filtered(string? mediaType, bool applies) => Assert.Equal(applies, Filter.Applies("/v1/chat/completions", mediaType));

    [Fact]
    public static void Any_bytes_are_filtered_or_refused_without_throwing() =>
        Prop.ForAll<byte[]>(bytes => Filter.TryFilter("/v1/chat/completions", bytes, out ReadOnlyMemory<byte>? filtered) == (filtered is not null))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(42, 43));
}
