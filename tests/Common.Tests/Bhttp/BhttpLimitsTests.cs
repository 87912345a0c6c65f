using System.Text;
using Veil.Bhttp;

namespace Veil.Common.Tests.Bhttp;

/// <summary>Each bound refuses what is one above it and takes what is at it.</summary>
public static class BhttpLimitsTests
{
    private static readonly RequestHead Bare = new("GET", "https", "a", "/");

    [Fact]
    public static void Head_bytes_bound_control_data_and_headers_together()
    {
        byte[] message = WithHeader("n", new string('v', 50));
        const int HeadBytes = 4 + 6 + 2 + 2 + 53;
        Assert.Equal(BhttpError.None, Parse(message, new BhttpLimits { HeadBytes = HeadBytes }));
        Assert.Equal(BhttpError.HeadTooLarge, Parse(message, new BhttpLimits { HeadBytes = HeadBytes - 1 }));
        Assert.Equal(BhttpError.HeadTooLarge, Parse(message, new BhttpLimits { HeadBytes = 9 }));
    }

    [Fact]
    public static void Head_bytes_bound_an_indeterminate_section_that_never_ends()
    {
        byte[] endless = [2, 3, .. "GET"u8, 5, .. "https"u8, 0, 1, .. "/"u8, .. Enumerable.Repeat(new byte[] { 1, (byte)'n', 1, (byte)'v' }, 20_000).SelectMany(line => line)];
        Assert.Equal(BhttpError.HeadTooLarge, Parse(endless, new BhttpLimits { FieldLines = int.MaxValue }));
        Assert.Equal(BhttpError.TooManyFieldLines, Parse(endless, BhttpLimits.Default));
    }

    [Fact]
    public static void Names_and_values_have_their_own_bounds()
    {
        byte[] message = WithHeader("name", "value");
        Assert.Equal(BhttpError.None, Parse(message, new BhttpLimits { NameBytes = 4, ValueBytes = 5 }));
        Assert.Equal(BhttpError.HeadTooLarge, Parse(message, new BhttpLimits { NameBytes = 3 }));
        Assert.Equal(BhttpError.HeadTooLarge, Parse(message, new BhttpLimits { ValueBytes = 4 }));
    }

    [Fact]
    public static void Body_bytes_bound_content_and_padding()
    {
        byte[] message = SampleMessages.KnownLength(new BinaryRequest(Bare, new byte[10]), padding: 5);
        Assert.Equal(BhttpError.None, Parse(message, new BhttpLimits { BodyBytes = 16 }));
        Assert.Equal(BhttpError.BodyTooLarge, Parse(message, new BhttpLimits { BodyBytes = 15 }));
        Assert.Equal(BhttpError.BodyTooLarge, Parse(message, new BhttpLimits { BodyBytes = 10 }));
    }

    [Fact]
    public static void Informational_responses_are_counted()
    {
        var response = new BinaryResponse(new ResponseHead(200), default) { Informational = [.. Enumerable.Range(0, 17).Select(_ => new ResponseHead(103))] };
        Assert.False(BinaryResponse.TryParse(SampleMessages.KnownLength(response), null, out _, out BhttpError error));
        Assert.Equal(BhttpError.TooManyInformationalResponses, error);
        Assert.True(BinaryResponse.TryParse(SampleMessages.KnownLength(response), new BhttpLimits { InformationalResponses = 17 }, out _, out _));
    }

    [Theory]
    [InlineData("CONNECT", "https", "a", "/", BhttpError.BadMethod)]
    [InlineData("", "https", "a", "/", BhttpError.BadMethod)]
    [InlineData("GE T", "https", "a", "/", BhttpError.BadMethod)]
    [InlineData("GET", "", "a", "/", BhttpError.BadScheme)]
    [InlineData("GET", "1s", "a", "/", BhttpError.BadScheme)]
    [InlineData("GET", "https", "user@a", "/", BhttpError.BadAuthority)]
    [InlineData("GET", "https", "a/b", "/", BhttpError.BadAuthority)]
    [InlineData("GET", "https", "a b", "/", BhttpError.BadAuthority)]
    [InlineData("GET", "https", "a", "", BhttpError.BadPath)]
    [InlineData("GET", "https", "a", "x", BhttpError.BadPath)]
    [InlineData("GET", "https", "a", "*", BhttpError.BadPath)]
    [InlineData("GET", "https", "a", "/x y", BhttpError.BadPath)]
    [InlineData("GET", "https", "a", "/\r\nx: y", BhttpError.BadPath)]
    [InlineData("GET", "https", "a", "/#fragment", BhttpError.BadPath)]
    [InlineData("GET", "https", "a", "/\u00E9", BhttpError.BadPath)]
    [InlineData("OPTIONS", "https", "a", "*", BhttpError.None)]
    [InlineData("GET", "https", "[::1]:8443", "/?q=1", BhttpError.None)]
    public static void Control_data_is_checked_from_peers_and_callers(string method, string scheme, string authority, string path, BhttpError expected)
    {
        byte[] message = [0, .. new[] { method, scheme, authority, path }.SelectMany(part => new[] { (byte)part.Length }.Concat(Encoding.Latin1.GetBytes(part)))];
        Assert.Equal(expected, Parse(message, BhttpLimits.Default));
        Exception? thrown = Record.Exception(() => new RequestHead(method, scheme, authority, path));
        Assert.Equal(expected is not BhttpError.None, thrown is ArgumentException);
    }

    [Theory]
    [InlineData("a.example", "a.example", BhttpError.None)]
    [InlineData("a.example", "A.Example", BhttpError.None)]
    [InlineData("", "a.example", BhttpError.None)]
    [InlineData("a.example", "b.example", BhttpError.AuthorityConflict)]
    public static void A_host_field_may_not_contradict_the_authority(string authority, string host, BhttpError expected)
    {
        byte[] line = [4, .. "host"u8, (byte)host.Length, .. Encoding.ASCII.GetBytes(host)];
        byte[] message = [0, 3, .. "GET"u8, 5, .. "https"u8, (byte)authority.Length, .. Encoding.ASCII.GetBytes(authority), 1, .. "/"u8, (byte)line.Length, .. line];
        Assert.Equal(expected, Parse(message, BhttpLimits.Default));
    }

    [Fact]
    public static void Two_hosts_are_refused() =>
        Assert.Throws<ArgumentException>(() => new RequestHead("GET", "https", "", "/", new FieldSection().Add("host", "a").Add("host", "b")));

    private static byte[] WithHeader(string name, string value) =>
        SampleMessages.KnownLength(new BinaryRequest(new RequestHead("GET", "https", "a", "/", new FieldSection().Add(name, value)), default));

    private static BhttpError Parse(byte[] message, BhttpLimits limits)
    {
        BinaryRequest.TryParse(message, limits, out _, out BhttpError error);
        Assert.Equal(error is BhttpError.None, DecodedMessage.Read(message, isRequest: true, limits, 1) != error.ToString());
        return error;
    }
}
