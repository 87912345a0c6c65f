using System.Buffers;
using Veil.Bhttp;

namespace Veil.Common.Tests.Bhttp;

public static class BhttpEncoderTests
{
    [Fact]
    public static void The_example_of_the_rfc_is_written_byte_for_byte()
    {
        byte[] expected = VectorFile.Open("rfc9292/bhttp-rfc9292.json").GetProperty("rfc_examples")[0].Hex("hex");
        Assert.True(BinaryRequest.TryParse(expected, null, out BinaryRequest? request, out _));
        Assert.Equal(expected, SampleMessages.KnownLength(request));
    }

    [Fact]
    public static void A_destination_that_is_too_short_is_left_alone()
    {
        var request = new BinaryRequest(new RequestHead("GET", "https", "a", "/"), new byte[3]);
        byte[] destination = new byte[request.Size - 1];
        Assert.False(request.TryWrite(destination, out int written));
        Assert.Equal(0, written);
        Assert.All(destination, octet => Assert.Equal(0, octet));
    }

    [Fact]
    public static void Calls_out_of_order_throw()
    {
        var output = new ArrayBufferWriter<byte>();
        var encoder = new BhttpResponseEncoder();
        Assert.Throws<InvalidOperationException>(() => encoder.WriteContent(output, [1]));
        Assert.Throws<InvalidOperationException>(() => encoder.WriteEnd(output));
        encoder.WriteHead(output, new ResponseHead(103));
        encoder.WriteHead(output, new ResponseHead(200));
        Assert.Throws<InvalidOperationException>(() => encoder.WriteHead(output, new ResponseHead(200)));
        Assert.Throws<InvalidOperationException>(() => encoder.WriteHead(output, new ResponseHead(103)));
        encoder.WriteEnd(output);
        Assert.Throws<InvalidOperationException>(() => encoder.WriteContent(output, [1]));
        Assert.Throws<InvalidOperationException>(() => encoder.WriteEnd(output));
    }

    [Fact]
    public static void An_informational_status_cannot_be_final() =>
        Assert.Throws<InvalidOperationException>(() => new BinaryResponse(new ResponseHead(103), default).TryWrite(new byte[64], out _));

    [Theory]
    [InlineData(99)]
    [InlineData(600)]
    public static void A_status_outside_the_range_is_the_callers_mistake(int status) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ResponseHead(status));
}
