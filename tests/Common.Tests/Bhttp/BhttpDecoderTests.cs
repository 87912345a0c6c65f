using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Veil.Bhttp;

namespace Veil.Common.Tests.Bhttp;

/// <summary>What holds for every message, every cut and any bytes.</summary>
public static class BhttpDecoderTests
{
    private static readonly Config Seeded = Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(42, 43);

    [Fact]
    public static void A_request_reads_the_same_in_both_framings_and_however_it_is_cut() =>
        Prop.ForAll<int>(seed =>
        {
            var random = new Random(seed);
            BinaryRequest request = SampleMessages.Request(random);
            string meaning = DecodedMessage.Of(request);
            foreach (byte[] message in new[] { SampleMessages.KnownLength(request, random.Next(9)), SampleMessages.Indeterminate(request, random, random.Next(9)) })
            {
                Assert.Equal(meaning, DecodedMessage.Read(message, isRequest: true, null, 1));
                Assert.Equal(meaning, DecodedMessage.Read(message, isRequest: true, null, random.Next(1, 20), random.Next(1, 20)));
                Assert.True(BinaryRequest.TryParse(message, null, out BinaryRequest? parsed, out _));
                Assert.Equal(meaning, DecodedMessage.Of(parsed));
            }
        }).Check(Seeded);

    [Fact]
    public static void A_response_reads_the_same_in_both_framings_and_however_it_is_cut() =>
        Prop.ForAll<int>(seed =>
        {
            var random = new Random(seed);
            BinaryResponse response = SampleMessages.Response(random);
            string meaning = DecodedMessage.Of(response);
            foreach (byte[] message in new[] { SampleMessages.KnownLength(response, random.Next(9)), SampleMessages.Indeterminate(response, random, random.Next(9)) })
            {
                Assert.Equal(meaning, DecodedMessage.Read(message, isRequest: false, null, 1));
                Assert.Equal(meaning, DecodedMessage.Read(message, isRequest: false, null, random.Next(1, 20), random.Next(1, 20)));
                Assert.True(BinaryResponse.TryParse(message, null, out BinaryResponse? parsed, out _));
                Assert.Equal(meaning, DecodedMessage.Of(parsed));
            }
        }).Check(Seeded);

    [Fact]
    public static void Any_bytes_are_read_or_refused_alike_whole_and_cut() =>
        Prop.ForAll<byte[]>(bytes =>
            DecodedMessage.Read(bytes, isRequest: true, null, 1) == DecodedMessage.Read(bytes, isRequest: true, null)
            && DecodedMessage.Read(bytes, isRequest: false, null, 1) == DecodedMessage.Read(bytes, isRequest: false, null)).Check(Seeded);

    [Fact]
    public static void A_truncated_message_is_refused_unless_only_empty_parts_are_missing() =>
        Prop.ForAll<int>(seed =>
        {
            var random = new Random(seed);
            BinaryRequest request = SampleMessages.Request(random);
            foreach (byte[] message in new[] { SampleMessages.KnownLength(request), SampleMessages.Indeterminate(request, random) })
            {
                string whole = DecodedMessage.Of(request);
                for (int length = 0; length < message.Length; length++)
                {
                    string cut = DecodedMessage.Read(message.AsSpan(0, length), isRequest: true, null);
                    Assert.True(cut is nameof(BhttpError.Truncated) || cut == whole || IsPrefixAtBoundary(request, cut), $"{length} of {message.Length}: {cut}");
                }
            }
        }).Check(Seeded.WithMaxTest(200));

    [Fact]
    public static void A_stream_cut_after_a_content_chunk_is_never_a_complete_message()
    {
        byte[] message = SampleMessages.Indeterminate(new BinaryRequest(new RequestHead("POST", "https", "a", "/"), new byte[100]), new Random(1));
        for (int length = message.Length - 102; length < message.Length - 1; length++)
            Assert.Equal(nameof(BhttpError.Truncated), DecodedMessage.Read(message.AsSpan(0, length), isRequest: true, null));
    }

    [Fact]
    public static void Content_is_delivered_before_the_message_is_complete()
    {
        byte[] message = [.. "\u0003"u8, 0x40, 0xC8, 0, 5, .. "hello"u8];
        var decoder = new BhttpResponseDecoder();
        Assert.Equal(BhttpEvent.Head, decoder.Read(message, endOfInput: false, out int consumed, out _));
        Assert.Equal(BhttpEvent.Content, decoder.Read(message.AsSpan(consumed), endOfInput: false, out int more, out ReadOnlySpan<byte> content));
        Assert.Equal("hello", Encoding.ASCII.GetString(content));
        Assert.Equal(BhttpEvent.NeedMoreInput, decoder.Read(message.AsSpan(consumed + more), endOfInput: false, out _, out _));
        Assert.Equal(BhttpEvent.Failed, decoder.Read([], endOfInput: true, out _, out _));
        Assert.Equal(BhttpError.Truncated, decoder.Error);
        Assert.Equal(BhttpEvent.Failed, decoder.Read([0, 0], endOfInput: true, out _, out _));
    }

    [Fact]
    public static void A_request_is_not_read_as_a_response_nor_the_reverse()
    {
        Assert.Equal(nameof(BhttpError.BadFraming), DecodedMessage.Read([1, 0x40, 0xC8], isRequest: true, null));
        Assert.Equal(nameof(BhttpError.BadFraming), DecodedMessage.Read(SampleMessages.KnownLength(SampleMessages.Request(new Random(1))), isRequest: false, null));
    }

    [Fact]
    public static void Memory_follows_what_arrived_and_not_what_was_declared()
    {
        byte[] head = [2, 4, .. "POST"u8, 5, .. "https"u8, 0, 1, .. "/"u8, 0];
        byte[] chunk = new byte[64 * 1024];
        var decoder = new BhttpRequestDecoder(new BhttpLimits { BodyBytes = long.MaxValue });
        decoder.Read(head, endOfInput: false, out _, out _);
        decoder.Read([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0], endOfInput: false, out _, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            decoder.Read(chunk, endOfInput: false, out _, out _);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static bool IsPrefixAtBoundary(BinaryRequest request, string cut)
    {
        string head = DecodedMessage.Of(new BinaryRequest(request.Head, default));
        string withContent = DecodedMessage.Of(request with { Trailers = null });
        string control = DecodedMessage.Of(new BinaryRequest(new RequestHead(request.Head.Method, request.Head.Scheme, request.Head.Authority, request.Head.Path), default));
        return cut == head || cut == withContent || cut == control;
    }
}
