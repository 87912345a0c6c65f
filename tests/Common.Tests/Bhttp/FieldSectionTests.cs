using Veil.Bhttp;

namespace Veil.Common.Tests.Bhttp;

public static class FieldSectionTests
{
    [Fact]
    public static void Names_are_put_in_lower_case_and_order_is_kept()
    {
        FieldSection section = new FieldSection().Add("Set-Cookie", "a=1").Add("x", "").Add("set-cookie", "b=2");
        Assert.Equal(["a=1", "b=2"], section.ValuesOf("set-cookie"));
        Assert.Equal(new FieldLine("x", ""), section[1]);
        Assert.True(section.TryGet("set-cookie", out string? first) && first is "a=1");
        Assert.False(section.Contains("y"));
    }

    [Theory]
    [InlineData("", "v")]
    [InlineData("a b", "v")]
    [InlineData(":path", "/")]
    [InlineData("n\u00E9", "v")]
    [InlineData("n", "a\r\nb: c")]
    [InlineData("n", "a\0b")]
    [InlineData("n", "a\u0007b")]
    [InlineData("n", " v")]
    [InlineData("n", "v\t")]
    [InlineData("n", "\u20AC")]
    public static void What_cannot_be_sent_is_not_taken(string name, string value)
    {
        var section = new FieldSection();
        Assert.False(section.TryAdd(name, value));
        ArgumentException thrown = Assert.Throws<ArgumentException>(() => section.Add(name, value));
        Assert.True(value.Length < 3 || !thrown.Message.Contains(value, StringComparison.Ordinal));
        Assert.Equal(0, section.Count);
    }

    [Fact]
    public static void Connection_specific_fields_are_taken_out_and_those_that_connection_names()
    {
        FieldSection section = new FieldSection().Add("connection", "close, X-Hop").Add("transfer-encoding", "chunked").Add("x-hop", "1").Add("accept", "*/*").Add("te", "trailers");
        int before = section.Size;
        section.RemoveConnectionSpecific();
        Assert.Equal(1, section.Count);
        Assert.True(section.Contains("accept"));
        Assert.True(section.Size < before);
        Assert.Equal(1 + 6 + 1 + 3, section.Size);
    }
}
