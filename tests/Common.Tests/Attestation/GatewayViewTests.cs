using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Veil.Attestation;

namespace Veil.Common.Tests.Attestation;

public static class GatewayViewTests
{
    private static readonly GatewayView Sample = new()
    {
        Authority = "gateway.example:8443",
        NotBefore = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000),
        NotAfter = DateTimeOffset.FromUnixTimeSeconds(1_800_014_400),
        Keys = new byte[] { 0, 1, 2 },
        PreviousKeys = new byte[] { 3 },
        Issuer = "{}"u8.ToArray(),
        Challenge = new byte[] { 0, 2 },
        Services =
        [
            new("model.example", new ServicePrice(2, 8, 1 << 20, 1 << 21, TimeSpan.FromMinutes(15)), [new byte[] { 1 }, new byte[] { 2, 3 }]),
            new("empty.example", new ServicePrice(0, 0, 0, 1024, TimeSpan.FromSeconds(1)), []),
        ],
    };

    [Fact]
    public static void The_line_is_the_documented_one() => Assert.Equal(
        """{"v":2,"authority":"gateway.example:8443","not_before":1800000000,"not_after":1800014400,"keys":"AAEC","previous_keys":"Aw==","issuer":"e30=","challenge":"AAI=","services":[{"authority":"model.example","price":{"tokens":2,"max_tokens":8,"request_bytes":1048576,"answer_bytes":2097152,"seconds":900},"hosts":["AQ==","AgM="]},{"authority":"empty.example","price":{"tokens":0,"max_tokens":0,"request_bytes":0,"answer_bytes":1024,"seconds":1},"hosts":[]}]}""",
        Encoding.UTF8.GetString(Sample.Write()));

    [Fact]
    public static void What_is_written_reads_back()
    {
        Assert.True(GatewayView.TryParse(Sample.Write(), out GatewayView? view, out SignedViewError error));
        Assert.Equal(SignedViewError.None, error);
        Assert.Equal(Sample.Write(), view.Write());
    }

    [Theory]
    [InlineData("another version", """{"v":1,"authority":"a","not_before":1,"not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[]}""")]
    [InlineData("a missing member", """{"v":2,"authority":"a","not_before":1,"not_after":2,"keys":"","previous_keys":"","issuer":"","services":[]}""")]
    [InlineData("a member too many", """{"v":2,"authority":"a","not_before":1,"not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[],"x":1}""")]
    [InlineData("a repeated member", """{"v":2,"authority":"a","authority":"b","not_before":1,"not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[]}""")]
    [InlineData("no authority", """{"v":2,"authority":"","not_before":1,"not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[]}""")]
    [InlineData("broken base64", """{"v":2,"authority":"a","not_before":1,"not_after":2,"keys":"A","previous_keys":"","issuer":"","challenge":"","services":[]}""")]
    [InlineData("half a surrogate pair", """{"v":2,"authority":"\ud800","not_before":1,"not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[]}""")]
    [InlineData("a service without hosts", """{"v":2,"authority":"a","not_before":1,"not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[{"authority":"b","price":{"tokens":1,"max_tokens":1,"request_bytes":1,"answer_bytes":1,"seconds":1}}]}""")]
    [InlineData("a host that is a number", """{"v":2,"authority":"a","not_before":1,"not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[{"authority":"b","price":{"tokens":1,"max_tokens":1,"request_bytes":1,"answer_bytes":1,"seconds":1},"hosts":[1]}]}""")]
    [InlineData("services that are no list", """{"v":2,"authority":"a","not_before":1,"not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":{}}""")]
    [InlineData("no previous keys member", """{"v":2,"authority":"a","not_before":1,"not_after":2,"keys":"","issuer":"","challenge":"","services":[]}""")]
    [InlineData("an end before its beginning", """{"v":2,"authority":"a","not_before":2,"not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[]}""")]
    [InlineData("a time that is text", """{"v":2,"authority":"a","not_before":"1","not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[]}""")]
    [InlineData("a time that is no whole second", """{"v":2,"authority":"a","not_before":1,"not_after":2.5,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[]}""")]
    [InlineData("a time before 1970", """{"v":2,"authority":"a","not_before":-1,"not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[]}""")]
    [InlineData("a time after the last year", """{"v":2,"authority":"a","not_before":253402300799,"not_after":253402300800,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[]}""")]
    [InlineData("more than a day of validity", """{"v":2,"authority":"a","not_before":1,"not_after":86402,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[]}""")]
    [InlineData("text after the end", """{"v":2,"authority":"a","not_before":1,"not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[]} 1""")]
    [InlineData("a service without a price", """{"v":2,"authority":"a","not_before":1,"not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[{"authority":"b","hosts":[]}]}""")]
    [InlineData("a price with a member too many", """{"v":2,"authority":"a","not_before":1,"not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[{"authority":"b","price":{"tokens":1,"max_tokens":1,"request_bytes":1,"answer_bytes":1,"seconds":1,"x":1},"hosts":[]}]}""")]
    [InlineData("a price with a member missing", """{"v":2,"authority":"a","not_before":1,"not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[{"authority":"b","price":{"tokens":1,"max_tokens":1,"request_bytes":1,"answer_bytes":1},"hosts":[]}]}""")]
    [InlineData("a price below nothing", """{"v":2,"authority":"a","not_before":1,"not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[{"authority":"b","price":{"tokens":1,"max_tokens":1,"request_bytes":1,"answer_bytes":-1,"seconds":1},"hosts":[]}]}""")]
    [InlineData("a price of more tokens than a request may carry", """{"v":2,"authority":"a","not_before":1,"not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[{"authority":"b","price":{"tokens":1,"max_tokens":33,"request_bytes":1,"answer_bytes":1,"seconds":1},"hosts":[]}]}""")]
    [InlineData("a price whose most is no whole number of units", """{"v":2,"authority":"a","not_before":1,"not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[{"authority":"b","price":{"tokens":2,"max_tokens":3,"request_bytes":1,"answer_bytes":1,"seconds":1},"hosts":[]}]}""")]
    [InlineData("a price whose most is less than one unit", """{"v":2,"authority":"a","not_before":1,"not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[{"authority":"b","price":{"tokens":2,"max_tokens":0,"request_bytes":1,"answer_bytes":1,"seconds":1},"hosts":[]}]}""")]
    [InlineData("tokens that buy nothing", """{"v":2,"authority":"a","not_before":1,"not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[{"authority":"b","price":{"tokens":0,"max_tokens":1,"request_bytes":1,"answer_bytes":1,"seconds":1},"hosts":[]}]}""")]
    [InlineData("work without an end", """{"v":2,"authority":"a","not_before":1,"not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[{"authority":"b","price":{"tokens":1,"max_tokens":1,"request_bytes":9223372036854775807,"answer_bytes":1,"seconds":1},"hosts":[]}]}""")]
    [InlineData("no object", "[]")]
    public static void A_document_with_is_refused(string flaw, string document)
    {
        Assert.NotEmpty(flaw);
        Assert.False(GatewayView.TryParse(Encoding.UTF8.GetBytes(document), out _, out SignedViewError error));
        Assert.Equal(SignedViewError.BadDocument, error);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(100, 1)]
    [InlineData(101, 2)]
    [InlineData(400, 4)]
    [InlineData(401, 5)]
    [InlineData(long.MaxValue, (long.MaxValue / 100) + 1)]
    public static void Content_takes_as_many_units_as_hold_it(long length, long units) =>
        Assert.Equal(units, new ServicePrice(2, 8, 100, 0, TimeSpan.Zero).UnitsFor(length));

    [Fact]
    public static void Every_proper_prefix_is_refused()
    {
        byte[] line = Sample.Write();
        for (int length = 0; length < line.Length; length++)
        {
            Assert.False(GatewayView.TryParse(line.AsMemory(0, length), out _, out _));
        }
    }

    [Fact]
    public static void Any_bytes_parse_or_are_refused_without_throwing() =>
        Prop.ForAll<byte[]>(bytes => GatewayView.TryParse(bytes, out _, out SignedViewError error) == (error is SignedViewError.None))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(42, 43));
}
