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
        Services = [new("model.example", [new byte[] { 1 }, new byte[] { 2, 3 }]), new("empty.example", [])],
    };

    [Fact]
    public static void The_line_is_the_documented_one() => Assert.Equal(
        """{"v":1,"authority":"gateway.example:8443","not_before":1800000000,"not_after":1800014400,"keys":"AAEC","previous_keys":"Aw==","issuer":"e30=","challenge":"AAI=","services":[{"authority":"model.example","hosts":["AQ==","AgM="]},{"authority":"empty.example","hosts":[]}]}""",
        Encoding.UTF8.GetString(Sample.Write()));

    [Fact]
    public static void What_is_written_reads_back()
    {
        Assert.True(GatewayView.TryParse(Sample.Write(), out GatewayView? view, out SignedViewError error));
        Assert.Equal(SignedViewError.None, error);
        Assert.Equal(Sample.Write(), view.Write());
    }

    [Theory]
    [InlineData("another version", """{"v":2,"authority":"a","not_before":1,"not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[]}""")]
    [InlineData("a missing member", """{"v":1,"authority":"a","not_before":1,"not_after":2,"keys":"","previous_keys":"","issuer":"","services":[]}""")]
    [InlineData("a member too many", """{"v":1,"authority":"a","not_before":1,"not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[],"x":1}""")]
    [InlineData("a repeated member", """{"v":1,"authority":"a","authority":"b","not_before":1,"not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[]}""")]
    [InlineData("no authority", """{"v":1,"authority":"","not_before":1,"not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[]}""")]
    [InlineData("broken base64", """{"v":1,"authority":"a","not_before":1,"not_after":2,"keys":"A","previous_keys":"","issuer":"","challenge":"","services":[]}""")]
    [InlineData("half a surrogate pair", """{"v":1,"authority":"\ud800","not_before":1,"not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[]}""")]
    [InlineData("a service without hosts", """{"v":1,"authority":"a","not_before":1,"not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[{"authority":"b"}]}""")]
    [InlineData("a host that is a number", """{"v":1,"authority":"a","not_before":1,"not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[{"authority":"b","hosts":[1]}]}""")]
    [InlineData("services that are no list", """{"v":1,"authority":"a","not_before":1,"not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":{}}""")]
    [InlineData("no previous keys member", """{"v":1,"authority":"a","not_before":1,"not_after":2,"keys":"","issuer":"","challenge":"","services":[]}""")]
    [InlineData("an end before its beginning", """{"v":1,"authority":"a","not_before":2,"not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[]}""")]
    [InlineData("a time that is text", """{"v":1,"authority":"a","not_before":"1","not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[]}""")]
    [InlineData("a time that is no whole second", """{"v":1,"authority":"a","not_before":1,"not_after":2.5,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[]}""")]
    [InlineData("a time before 1970", """{"v":1,"authority":"a","not_before":-1,"not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[]}""")]
    [InlineData("a time after the last year", """{"v":1,"authority":"a","not_before":253402300799,"not_after":253402300800,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[]}""")]
    [InlineData("more than a day of validity", """{"v":1,"authority":"a","not_before":1,"not_after":86402,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[]}""")]
    [InlineData("text after the end", """{"v":1,"authority":"a","not_before":1,"not_after":2,"keys":"","previous_keys":"","issuer":"","challenge":"","services":[]} 1""")]
    [InlineData("no object", "[]")]
    public static void A_document_with_is_refused(string flaw, string document)
    {
        Assert.NotEmpty(flaw);
        Assert.False(GatewayView.TryParse(Encoding.UTF8.GetBytes(document), out _, out SignedViewError error));
        Assert.Equal(SignedViewError.BadDocument, error);
    }

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
