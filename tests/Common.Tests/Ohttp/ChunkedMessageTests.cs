using System.Security.Cryptography;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Veil.Common.Tests.Crypto;
using Veil.Hpke;
using Veil.Ohttp;

namespace Veil.Common.Tests.Ohttp;

public static class ChunkedMessageTests
{
    [Theory]
    [MemberData(nameof(Backends.Names), MemberType = typeof(Backends))]
    public static void Every_exchange_of_the_draft_holds_on_both_sides(string backend) => Backends.On(backend, () =>
    {
        foreach (JsonElement exchange in OhttpVectors.Exchanges(OhttpVectors.Chunked))
        {
            using GatewayKey key = OhttpVectors.Key(exchange);
            using KemPrivateKey ephemeral = OhttpVectors.Ephemeral(exchange);
            byte[][] requestChunks = Chunks(exchange, "request_chunks_plaintext");
            byte[][] responseChunks = Chunks(exchange, "response_chunks_plaintext");

            using var requestSealer = new ChunkedRequestSealer(key.Config, OhttpVectors.Suite(exchange), ephemeral);
            Assert.Equal(exchange.Hex("encapsulated_request"), SealAll(requestSealer, requestChunks));

            using var requestOpener = new ChunkedRequestOpener(new GatewayKeys(key));
            Assert.Equal(requestChunks, OpenAll(requestOpener, exchange.Hex("encapsulated_request")));
            Assert.Equal(ephemeral.PublicKey.ToArray(), requestOpener.Enc.ToArray());

            using ChunkedResponseSealer responseSealer = requestOpener.CreateResponseSealer(OhttpVectors.ResponseNonce(exchange));
            Assert.Equal(exchange.Hex("encapsulated_response"), SealAll(responseSealer, responseChunks));

            using ChunkedResponseOpener responseOpener = requestSealer.CreateResponseOpener();
            Assert.Equal(responseChunks, OpenAll(responseOpener, exchange.Hex("encapsulated_response")));
        }
    });

    [Theory]
    [MemberData(nameof(Backends.Names), MemberType = typeof(Backends))]
    public static void Every_accepted_variant_opens(string backend) => Backends.On(backend, () =>
    {
        JsonElement transcript = OhttpVectors.Chunked.GetProperty("transcript");
        using GatewayKey key = OhttpVectors.Key(transcript);
        foreach (JsonElement variant in OhttpVectors.Chunked.GetProperty("accept_variants_for_transcript_keys").EnumerateArray())
        {
            using var opener = new ChunkedRequestOpener(new GatewayKeys(key));
            byte[] message = [.. OpenAll(opener, variant.Hex("hex")).SelectMany(chunk => chunk)];
            bool empty = variant.GetProperty("name").GetString()!.Contains("single empty", StringComparison.Ordinal);
            Assert.Equal(empty ? [] : transcript.Hex("bhttp_request"), message);
        }
    });

    [Theory]
    [MemberData(nameof(Backends.Names), MemberType = typeof(Backends))]
    public static void Every_bad_request_of_the_vectors_fails_after_the_chunks_that_open(string backend) => Backends.On(backend, () =>
    {
        using GatewayKey key = OhttpVectors.Key(OhttpVectors.Chunked.GetProperty("transcript"));
        foreach (JsonElement vector in OhttpVectors.Chunked.GetProperty("negative_requests_for_transcript_keys").EnumerateArray())
        {
            foreach (int step in new[] { 1, 7, int.MaxValue })
            {
                using var opener = new ChunkedRequestOpener(new GatewayKeys(key));
                CheckFailure(opener, vector, step);
            }
        }
    });

    [Theory]
    [MemberData(nameof(Backends.Names), MemberType = typeof(Backends))]
    public static void Every_bad_response_of_the_vectors_fails_after_the_chunks_that_open(string backend) => Backends.On(backend, () =>
    {
        JsonElement transcript = OhttpVectors.Chunked.GetProperty("transcript");
        using GatewayKey key = OhttpVectors.Key(transcript);
        using KemPrivateKey ephemeral = OhttpVectors.Ephemeral(transcript);
        foreach (JsonElement vector in OhttpVectors.Chunked.GetProperty("negative_responses_for_transcript_context").EnumerateArray())
        {
            foreach (int step in new[] { 1, 7, int.MaxValue })
            {
                using var sealer = new ChunkedRequestSealer(key.Config, OhttpVectors.Suite(transcript), ephemeral);
                using ChunkedResponseOpener opener = sealer.CreateResponseOpener();
                CheckFailure(opener, vector, step);
            }
        }
    });

    [Theory]
    [MemberData(nameof(Backends.Names), MemberType = typeof(Backends))]
    public static void Any_chunks_in_any_pieces_come_through_both_ways(string backend) => Backends.On(backend, () =>
        Prop.ForAll<byte[][], byte[], byte>((chunks, last, piece) =>
        {
            byte[][] message = [.. (chunks ?? []).Where(chunk => chunk is { Length: > 0 }), last ?? []];
            using var key = GatewayKey.Generate(1, 0x0020, SymmetricSuite.ChaCha20Poly1305);
            using var sealer = new ChunkedRequestSealer(key.Config, SymmetricSuite.ChaCha20Poly1305);
            using var opener = new ChunkedRequestOpener(new GatewayKeys(key));
            byte[][] opened = OpenAll(opener, SealAll(sealer, message), piece + 1);
            using ChunkedResponseSealer responseSealer = opener.CreateResponseSealer();
            using ChunkedResponseOpener responseOpener = sealer.CreateResponseOpener();
            byte[][] answered = OpenAll(responseOpener, SealAll(responseSealer, opened), piece + 1);
            return Enumerable.SequenceEqual(message.Select(Convert.ToHexString), answered.Select(Convert.ToHexString));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100).WithReplay(42, 43)));

    [Fact]
    public static void Every_truncation_is_an_error_and_never_a_complete_message()
    {
        using var key = GatewayKey.Generate(1, 0x0020, SymmetricSuite.Aes128Gcm);
        using var sealer = new ChunkedRequestSealer(key.Config, SymmetricSuite.Aes128Gcm);
        byte[] message = SealAll(sealer, ["one"u8.ToArray(), "two"u8.ToArray(), "three"u8.ToArray()]);
        for (int length = 0; length < message.Length; length++)
        {
            using var opener = new ChunkedRequestOpener(new GatewayKeys(key));
            List<byte[]> chunks = [];
            Assert.Equal(ChunkStatus.Failed, Drain(opener, message.AsSpan(0, length), int.MaxValue, chunks));
            Assert.True(opener.Error is OhttpError.Truncated or OhttpError.DecryptFailed, $"{length}: {opener.Error}");
            Assert.Equal(chunks.Count > 0, opener.HasOpened);
        }
    }

    [Fact]
    public static void One_flipped_bit_never_gives_a_complete_message()
    {
        using var key = GatewayKey.Generate(1, 0x0020, SymmetricSuite.Aes128Gcm);
        using var sealer = new ChunkedRequestSealer(key.Config, SymmetricSuite.Aes128Gcm);
        byte[] message = SealAll(sealer, ["one"u8.ToArray(), "two"u8.ToArray()]);
        for (int bit = 0; bit < message.Length * 8; bit++)
        {
            message[bit / 8] ^= (byte)(1 << (bit % 8));
            using var opener = new ChunkedRequestOpener(new GatewayKeys(key));
            Assert.Equal(ChunkStatus.Failed, Drain(opener, message, int.MaxValue, []));
            message[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public static void Any_bytes_behind_a_known_header_fail_by_name()
    {
        using var key = GatewayKey.Generate(1, 0x0020, SymmetricSuite.Aes128Gcm);
        using var sealer = new ChunkedRequestSealer(key.Config, SymmetricSuite.Aes128Gcm);
        byte[] prefix = sealer.Prefix.ToArray();
        Prop.ForAll<byte[], byte>((bytes, piece) =>
        {
            using var opener = new ChunkedRequestOpener(new GatewayKeys(key));
            byte[] message = piece % 4 == 0 ? bytes : [.. prefix, .. bytes];
            return Drain(opener, message, 1 + piece, []) is ChunkStatus.Failed && opener.Error is not OhttpError.None;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(42, 43));
    }

    [Fact]
    public static void A_chunk_over_the_limit_is_refused_by_its_length_before_it_arrives()
    {
        using var key = GatewayKey.Generate(1, 0x0020, SymmetricSuite.Aes128Gcm);
        using var sealer = new ChunkedRequestSealer(key.Config, SymmetricSuite.Aes128Gcm);
        byte[] prefix = sealer.Prefix.ToArray();
        foreach ((byte[] length, OhttpError expected) in new (byte[], OhttpError)[]
        {
            ([0x80, 0, 0x40, 0x11], OhttpError.ChunkTooLarge),
            ([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], OhttpError.ChunkTooLarge),
            ([16], OhttpError.DecryptFailed),
            ([1], OhttpError.DecryptFailed),
        })
        {
            using var opener = new ChunkedRequestOpener(new GatewayKeys(key));
            Assert.Equal(ChunkStatus.Failed, opener.Read([.. prefix, .. length], false, out _, new byte[16384], out _));
            Assert.Equal(expected, opener.Error);
        }
    }

    [Fact]
    public static void A_final_chunk_over_the_limit_is_refused_while_it_arrives()
    {
        using var key = GatewayKey.Generate(1, 0x0020, SymmetricSuite.Aes128Gcm);
        using var sealer = new ChunkedRequestSealer(key.Config, SymmetricSuite.Aes128Gcm);
        using var opener = new ChunkedRequestOpener(new GatewayKeys(key));
        var room = new byte[opener.MaxChunkSize];
        Assert.Equal(ChunkStatus.NeedMoreInput, opener.Read([.. sealer.Prefix.Span, 0], false, out _, room, out _));
        Assert.Equal(ChunkStatus.NeedMoreInput, opener.Read(new byte[16400], false, out int consumed, room, out _));
        Assert.Equal(16400, consumed);
        Assert.Equal(ChunkStatus.Failed, opener.Read(new byte[1], false, out _, room, out _));
        Assert.Equal(OhttpError.ChunkTooLarge, opener.Error);
    }

    [Fact]
    public static void A_message_over_its_limit_is_refused()
    {
        using var key = GatewayKey.Generate(1, 0x0020, SymmetricSuite.Aes128Gcm);
        using var sealer = new ChunkedRequestSealer(key.Config, SymmetricSuite.Aes128Gcm);
        using var opener = new ChunkedRequestOpener(new GatewayKeys(key), new ChunkLimits { MaxMessageSize = 250 });
        List<byte[]> chunks = [];
        Assert.Equal(ChunkStatus.Failed, Drain(opener, SealAll(sealer, [new byte[100], new byte[100], new byte[100]]), int.MaxValue, chunks));
        Assert.Equal(OhttpError.MessageTooLarge, opener.Error);
        Assert.Equal(2, chunks.Count);
    }

    [Fact]
    public static void A_full_chunk_passes_and_a_longer_one_is_not_sealed()
    {
        using var key = GatewayKey.Generate(1, 0x0020, SymmetricSuite.Aes128Gcm);
        using var sealer = new ChunkedRequestSealer(key.Config, SymmetricSuite.Aes128Gcm);
        using var opener = new ChunkedRequestOpener(new GatewayKeys(key));
        byte[] full = RandomNumberGenerator.GetBytes(16384);
        Assert.Equal([full, full], OpenAll(opener, SealAll(sealer, [full, full]), 1000));
        using var other = new ChunkedRequestSealer(key.Config, SymmetricSuite.Aes128Gcm);
        Assert.Throws<ArgumentOutOfRangeException>(() => other.SealChunk(new byte[16385], new byte[20000]));
        Assert.Throws<ArgumentOutOfRangeException>(() => other.SealFinalChunk(new byte[16385], new byte[20000]));
        Assert.Throws<ArgumentOutOfRangeException>(() => other.SealChunk(default, new byte[20000]));
        Assert.Throws<ArgumentOutOfRangeException>(() => other.SealChunk(new byte[10], new byte[26]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChunkLimits { MaxChunkSize = 16383 });
    }

    [Fact]
    public static void A_message_of_64_MiB_passes_without_allocating_for_it()
    {
        using var key = GatewayKey.Generate(1, 0x0020, SymmetricSuite.Aes128Gcm);
        using var sealer = new ChunkedRequestSealer(key.Config, SymmetricSuite.Aes128Gcm);
        using var opener = new ChunkedRequestOpener(new GatewayKeys(key));
        var text = new byte[16384];
        var sealedChunk = new byte[ChunkedSealer.GetChunkSize(text.Length)];
        Assert.Equal(ChunkStatus.NeedMoreInput, opener.Read(sealer.Prefix.Span, false, out _, text, out _));
        long before = 0;
        for (int i = 0; i < 4096; i++)
        {
            if (i == 10)
                before = GC.GetAllocatedBytesForCurrentThread();
            sealer.SealChunk(text, sealedChunk);

            // In two pieces, so that the first is kept.
            Assert.True(opener.Read(sealedChunk.AsSpan(0, 5000), false, out _, text, out _) is ChunkStatus.NeedMoreInput);
            Assert.True(opener.Read(sealedChunk.AsSpan(5000), false, out _, text, out int written) is ChunkStatus.Chunk && written == text.Length);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public static void Nothing_follows_the_final_chunk()
    {
        using var key = GatewayKey.Generate(1, 0x0020, SymmetricSuite.Aes128Gcm);
        using var sealer = new ChunkedRequestSealer(key.Config, SymmetricSuite.Aes128Gcm);
        using var opener = new ChunkedRequestOpener(new GatewayKeys(key));
        OpenAll(opener, SealAll(sealer, [[1]]));
        Assert.Throws<InvalidOperationException>(() => opener.Read(default, true, out _, new byte[16384], out _));
        Assert.Throws<InvalidOperationException>(() => sealer.SealChunk([1], new byte[100]));
        Assert.Throws<InvalidOperationException>(() => sealer.SealFinalChunk([1], new byte[100]));
    }

    [Fact]
    public static void No_response_can_be_sealed_before_a_chunk_was_opened()
    {
        using var key = GatewayKey.Generate(1, 0x0020, SymmetricSuite.Aes128Gcm);
        using var sealer = new ChunkedRequestSealer(key.Config, SymmetricSuite.Aes128Gcm);
        using var opener = new ChunkedRequestOpener(new GatewayKeys(key));
        opener.Read(sealer.Prefix.Span, false, out _, new byte[16384], out _);
        Assert.Throws<InvalidOperationException>(() => opener.CreateResponseSealer());
    }

    [Fact]
    public static void A_plain_request_does_not_open_as_a_chunked_one()
    {
        using var key = GatewayKey.Generate(1, 0x0020, SymmetricSuite.Aes128Gcm);
        var plain = new byte[RequestSealer.GetSize(key.Config, 5)];
        RequestSealer.Seal(key.Config, SymmetricSuite.Aes128Gcm, "hello"u8, plain, out _).Dispose();
        byte[] relabelled = [.. plain[..39], 0, .. plain[39..]];
        using var opener = new ChunkedRequestOpener(new GatewayKeys(key));
        Assert.Equal(ChunkStatus.Failed, Drain(opener, relabelled, int.MaxValue, []));
        Assert.Equal(OhttpError.DecryptFailed, opener.Error);
    }

    private static byte[][] Chunks(JsonElement exchange, string name) =>
        [.. exchange.GetProperty(name).EnumerateArray().Select(chunk => Convert.FromHexString(chunk.GetString()!))];

    internal static byte[] SealAll(ChunkedSealer sealer, byte[][] chunks)
    {
        List<byte> message = [.. sealer.Prefix.Span];
        var buffer = new byte[ChunkedSealer.MaxChunkSize + ChunkedSealer.MaxOverhead];
        foreach (byte[] chunk in chunks[..^1])
            message.AddRange(buffer.AsSpan(0, sealer.SealChunk(chunk, buffer)));
        message.AddRange(buffer.AsSpan(0, sealer.SealFinalChunk(chunks[^1], buffer)));
        return [.. message];
    }

    internal static byte[][] OpenAll(ChunkedOpener opener, byte[] message, int step = int.MaxValue)
    {
        List<byte[]> chunks = [];
        Assert.Equal(ChunkStatus.Final, Drain(opener, message, step, chunks));
        return [.. chunks];
    }

    private static void CheckFailure(ChunkedOpener opener, JsonElement vector, int step)
    {
        List<byte[]> chunks = [];
        Assert.Equal(ChunkStatus.Failed, Drain(opener, vector.Hex("hex"), step, chunks));
        Assert.True(vector.GetProperty("opens").GetInt32() == chunks.Count, vector.GetProperty("name").GetString());
        bool incomplete = vector.GetProperty("expect").GetString()!.StartsWith("incomplete", StringComparison.Ordinal);
        if (incomplete)
            Assert.Equal(OhttpError.Truncated, opener.Error);

        // A failure stays one.
        Assert.Equal(ChunkStatus.Failed, opener.Read("more"u8, true, out _, new byte[opener.MaxChunkSize], out int written));
        Assert.Equal(0, written);
    }

    /// <summary>Feeds a message in pieces of <paramref name="step"/> bytes and collects what opens.</summary>
    private static ChunkStatus Drain(ChunkedOpener opener, ReadOnlySpan<byte> message, int step, List<byte[]> chunks)
    {
        var room = new byte[opener.MaxChunkSize];
        int offset = 0;
        while (true)
        {
            int length = Math.Min(step, message.Length - offset);
            ChunkStatus status = opener.Read(message.Slice(offset, length), offset + length == message.Length, out int consumed, room, out int written);
            offset += consumed;
            if (status is ChunkStatus.Chunk or ChunkStatus.Final)
                chunks.Add(room[..written]);
            if (status is ChunkStatus.Final or ChunkStatus.Failed)
                return status;
            if (status is ChunkStatus.NeedMoreInput)
                Assert.Equal(length, consumed);
        }
    }
}
