using System.Security.Cryptography;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Veil.Common.Tests.Crypto;
using Veil.Hpke;
using Veil.Ohttp;

namespace Veil.Common.Tests.Ohttp;

public static class PlainMessageTests
{
    [Theory]
    [MemberData(nameof(Backends.Names), MemberType = typeof(Backends))]
    public static void Every_exchange_of_RFC_9458_holds_on_both_sides(string backend) => Backends.On(backend, () =>
    {
        foreach (JsonElement exchange in OhttpVectors.Exchanges(OhttpVectors.Plain))
        {
            using GatewayKey key = OhttpVectors.Key(exchange);
            using KemPrivateKey ephemeral = OhttpVectors.Ephemeral(exchange);
            byte[] request = exchange.Hex("bhttp_request");
            byte[] response = exchange.Hex("bhttp_response");
            byte[] buffer = new byte[200];

            using ResponseOpener opener = RequestSealer.Seal(key.Config, OhttpVectors.Suite(exchange), ephemeral, request, buffer, out int written);
            Assert.Equal(exchange.Hex("encapsulated_request"), buffer[..written]);
            Assert.Equal(written, RequestSealer.GetSize(key.Config, request.Length));

            Assert.True(RequestOpener.TryOpen(new(key), exchange.Hex("encapsulated_request"), buffer, out written, out ResponseSealer sealer, out _));
            Assert.Equal(request, buffer[..written]);
            using (sealer)
            {
                Assert.Equal(ephemeral.PublicKey.ToArray(), sealer.Enc.ToArray());
                written = sealer.Seal(response, OhttpVectors.ResponseNonce(exchange), buffer);
                Assert.Equal(exchange.Hex("encapsulated_response"), buffer[..written]);
                Assert.Equal(sealer.GetSize(response.Length), written);
            }

            Assert.True(opener.TryOpen(exchange.Hex("encapsulated_response"), buffer, out written, out _));
            Assert.Equal(response, buffer[..written]);
        }
    });

    [Theory]
    [MemberData(nameof(Backends.Names), MemberType = typeof(Backends))]
    public static void Every_bad_request_of_the_vectors_is_refused_by_its_reason(string backend) => Backends.On(backend, () =>
    {
        using GatewayKey key = OhttpVectors.Key(OhttpVectors.Plain.GetProperty("transcript"));
        foreach (JsonElement vector in OhttpVectors.Plain.GetProperty("negative_requests_for_transcript_gateway_key").EnumerateArray())
        {
            byte[] encapsulated = vector.Hex("hex");
            Assert.False(RequestOpener.TryOpen(new(key), encapsulated, new byte[200], out int written, out ResponseSealer sealer, out OhttpError error));
            Assert.Equal(0, written);
            Assert.Equal(default, sealer);
            OhttpError expected = vector.GetProperty("expect").GetString() switch
            {
                "key lookup error" or "key/kem mismatch error" => OhttpError.UnknownKey,
                "unsupported suite error" => OhttpError.UnknownSuite,
                "parse error" or "error" => OhttpError.Truncated,
                _ => OhttpError.DecryptFailed,
            };
            Assert.True(expected == error, $"{vector.GetProperty("name")}: {error}");
        }
    });

    [Theory]
    [MemberData(nameof(Backends.Names), MemberType = typeof(Backends))]
    public static void Every_bad_response_of_the_vectors_is_refused(string backend) => Backends.On(backend, () =>
    {
        JsonElement transcript = OhttpVectors.Plain.GetProperty("transcript");
        foreach (JsonElement vector in OhttpVectors.Plain.GetProperty("negative_responses_for_transcript_context").EnumerateArray())
        {
            using GatewayKey key = OhttpVectors.Key(transcript);
            using KemPrivateKey ephemeral = OhttpVectors.Ephemeral(transcript);
            using ResponseOpener opener = RequestSealer.Seal(
                key.Config, OhttpVectors.Suite(transcript), ephemeral, transcript.Hex("bhttp_request"), new byte[200], out _);
            Assert.False(opener.TryOpen(vector.Hex("hex"), new byte[200], out int written, out OhttpError error));
            Assert.Equal(0, written);
            Assert.NotEqual(OhttpError.None, error);
        }
    });

    [Theory]
    [MemberData(nameof(Backends.Names), MemberType = typeof(Backends))]
    public static void Any_request_and_response_come_through_every_suite(string backend) => Backends.On(backend, () =>
        Prop.ForAll<byte[], byte[], byte>((request, response, choice) =>
        {
            SymmetricSuite suite = new(1, (ushort)(1 + (choice % 3)));
            using var key = GatewayKey.Generate(choice, choice % 2 == 0 ? (ushort)0x0020 : (ushort)0x0010, suite);
            var encapsulated = new byte[RequestSealer.GetSize(key.Config, request.Length)];
            using ResponseOpener opener = RequestSealer.Seal(key.Config, suite, request, encapsulated, out _);
            var opened = new byte[request.Length];
            if (!RequestOpener.TryOpen(new(key), encapsulated, opened, out _, out ResponseSealer sealer, out _) || !opened.AsSpan().SequenceEqual(request))
                return false;

            var answer = new byte[sealer.GetSize(response.Length)];
            sealer.Seal(response, answer);
            sealer.Dispose();
            var received = new byte[response.Length];
            return opener.TryOpen(answer, received, out _, out _) && received.AsSpan().SequenceEqual(response);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100).WithReplay(42, 43)));

    [Theory]
    [MemberData(nameof(Backends.Names), MemberType = typeof(Backends))]
    public static void No_truncation_and_no_flipped_bit_of_a_request_opens(string backend) => Backends.On(backend, () =>
    {
        using var key = GatewayKey.Generate(1, 0x0020, SymmetricSuite.Aes128Gcm, SymmetricSuite.ChaCha20Poly1305);
        var keys = new GatewayKeys(key);
        var encapsulated = new byte[RequestSealer.GetSize(key.Config, 9)];
        RequestSealer.Seal(key.Config, SymmetricSuite.Aes128Gcm, "a request"u8, encapsulated, out _).Dispose();
        var plaintext = new byte[encapsulated.Length];
        for (int length = 0; length < encapsulated.Length; length++)
            Assert.False(RequestOpener.TryOpen(keys, encapsulated.AsSpan(0, length), plaintext, out _, out _, out _));

        for (int bit = 0; bit < encapsulated.Length * 8; bit++)
        {
            // X25519 ignores the top bit of a public key, but the key schedule sees it.
            encapsulated[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(RequestOpener.TryOpen(keys, encapsulated, plaintext, out _, out _, out _), $"bit {bit}");
            encapsulated[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    });

    [Theory]
    [MemberData(nameof(Backends.Names), MemberType = typeof(Backends))]
    public static void No_truncation_and_no_flipped_bit_of_a_response_opens(string backend) => Backends.On(backend, () =>
    {
        using var key = GatewayKey.Generate(1, 0x0020, SymmetricSuite.Aes128Gcm);
        using KemPrivateKey ephemeral = Kem.X25519.Generate();
        var encapsulated = new byte[RequestSealer.GetSize(key.Config, 1)];
        ResponseOpener Opener() => RequestSealer.Seal(key.Config, SymmetricSuite.Aes128Gcm, ephemeral, "x"u8, encapsulated, out _);
        using ResponseOpener first = Opener();
        Assert.True(RequestOpener.TryOpen(new(key), encapsulated, new byte[1], out _, out ResponseSealer sealer, out _));
        var answer = new byte[sealer.GetSize(6)];
        using (sealer)
            sealer.Seal("answer"u8, answer);

        var plaintext = new byte[answer.Length];
        for (int length = 0; length < answer.Length; length++)
        {
            using ResponseOpener opener = Opener();
            Assert.False(opener.TryOpen(answer.AsSpan(0, length), plaintext, out _, out _));
        }

        for (int bit = 0; bit < answer.Length * 8; bit++)
        {
            using ResponseOpener opener = Opener();
            answer[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(opener.TryOpen(answer, plaintext, out _, out _), $"bit {bit}");
            answer[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.True(first.TryOpen(answer, plaintext, out int written, out _));
        Assert.Equal("answer"u8, plaintext.AsSpan(0, written));
    });

    [Fact]
    public static void Requests_open_and_responses_seal_in_place()
    {
        using var key = GatewayKey.Generate(1, 0x0020, SymmetricSuite.Aes128Gcm);
        byte[] text = RandomNumberGenerator.GetBytes(500);
        var buffer = new byte[RequestSealer.GetSize(key.Config, text.Length)];
        using ResponseOpener opener = RequestSealer.Seal(key.Config, SymmetricSuite.Aes128Gcm, text, buffer, out _);
        Span<byte> body = buffer.AsSpan(buffer.Length - text.Length - 16);
        Assert.True(RequestOpener.TryOpen(new(key), buffer, body, out int written, out ResponseSealer sealer, out _));
        Assert.Equal(text, body[..written]);

        var answer = new byte[sealer.GetSize(text.Length)];
        text.CopyTo(answer, sealer.NonceSize);
        sealer.Seal(answer.AsSpan(sealer.NonceSize, text.Length), answer);
        sealer.Dispose();
        Assert.True(opener.TryOpen(answer, answer.AsSpan(16), out written, out _));
        Assert.Equal(text, answer[16..(16 + written)]);
    }

    [Fact]
    public static void A_response_is_opened_once()
    {
        using var key = GatewayKey.Generate(1, 0x0020, SymmetricSuite.Aes128Gcm);
        using ResponseOpener opener = RequestSealer.Seal(key.Config, SymmetricSuite.Aes128Gcm, "x"u8, new byte[100], out _);
        Assert.False(opener.TryOpen(new byte[40], new byte[40], out _, out _));
        Assert.Throws<InvalidOperationException>(() => opener.TryOpen(new byte[40], new byte[40], out _, out _));
    }

    [Fact]
    public static void A_disposed_sealer_is_of_no_use_even_when_its_storage_serves_another_request()
    {
        using var key = GatewayKey.Generate(1, 0x0020, SymmetricSuite.Aes128Gcm);
        var encapsulated = new byte[RequestSealer.GetSize(key.Config, 1)];
        RequestSealer.Seal(key.Config, SymmetricSuite.Aes128Gcm, "x"u8, encapsulated, out _).Dispose();
        Assert.True(RequestOpener.TryOpen(new(key), encapsulated, new byte[1], out _, out ResponseSealer first, out _));
        first.Dispose();
        Assert.True(RequestOpener.TryOpen(new(key), encapsulated, new byte[1], out _, out ResponseSealer second, out _));
        Assert.NotEqual(first, second);
        Assert.Throws<ObjectDisposedException>(() => first.Seal("x"u8, new byte[100]));
        Assert.Throws<ObjectDisposedException>(() => first.Enc.Length);
        first.Dispose();
        second.Seal("x"u8, new byte[100]);
        second.Dispose();
        Assert.Throws<InvalidOperationException>(() => default(ResponseSealer).Seal("x"u8, new byte[100]));
    }

    [Fact]
    public static void Two_responses_to_one_request_never_share_a_nonce()
    {
        using var key = GatewayKey.Generate(1, 0x0020, SymmetricSuite.Aes128Gcm);
        var encapsulated = new byte[RequestSealer.GetSize(key.Config, 1)];
        RequestSealer.Seal(key.Config, SymmetricSuite.Aes128Gcm, "x"u8, encapsulated, out _).Dispose();
        HashSet<string> nonces = [];
        for (int i = 0; i < 200; i++)
        {
            Assert.True(RequestOpener.TryOpen(new(key), encapsulated, new byte[1], out _, out ResponseSealer sealer, out _));
            using (sealer)
            {
                var answer = new byte[sealer.GetSize(1)];
                sealer.Seal("x"u8, answer);
                Assert.True(nonces.Add(Convert.ToHexString(answer, 0, sealer.NonceSize)));
            }
        }
    }

    [Fact]
    public static void Any_bytes_are_refused_by_name()
    {
        using var key = GatewayKey.Generate(1, 0x0020, SymmetricSuite.Aes128Gcm);
        var keys = new GatewayKeys(key);
        byte[] header = [1, 0, 0x20, 0, 1, 0, 1];
        Prop.ForAll<byte[], bool>((bytes, known) =>
        {
            byte[] encapsulated = known ? [.. header, .. bytes] : bytes;
            return !RequestOpener.TryOpen(keys, encapsulated, new byte[encapsulated.Length], out _, out _, out OhttpError error) && error is not OhttpError.None;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(42, 43));
    }

    [Fact]
    public static void Short_spans_and_foreign_suites_are_the_callers_mistake()
    {
        using var key = GatewayKey.Generate(1, 0x0020, SymmetricSuite.Aes128Gcm);
        var encapsulated = new byte[RequestSealer.GetSize(key.Config, 10)];
        Assert.Throws<ArgumentOutOfRangeException>(
            () => RequestSealer.Seal(key.Config, SymmetricSuite.Aes128Gcm, new byte[10], new byte[encapsulated.Length - 1], out _));
        Assert.Throws<ArgumentException>(() => RequestSealer.Seal(key.Config, SymmetricSuite.ChaCha20Poly1305, new byte[10], encapsulated, out _));
        RequestSealer.Seal(key.Config, SymmetricSuite.Aes128Gcm, new byte[10], encapsulated, out _).Dispose();
        Assert.Throws<ArgumentOutOfRangeException>(() => RequestOpener.TryOpen(new(key), encapsulated, new byte[9], out _, out _, out _));
    }
}
