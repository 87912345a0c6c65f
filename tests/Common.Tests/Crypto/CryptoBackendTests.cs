using System.Security.Cryptography;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Veil.Crypto;

namespace Veil.Common.Tests.Crypto;

public static class CryptoBackendTests
{
    [Fact]
    public static void Every_back_end_passes_its_self_test() => Assert.All(CryptoBackend.Available, backend => Assert.True(SelfTest.Passes(backend)));

    [Fact]
    public static void Libcrypto_is_used_where_dotnet_runs_on_openssl()
    {
        Assert.SkipUnless(Libcrypto.IsLoaded, "This machine has no OpenSSL 3 libcrypto.");
        Assert.SkipWhen(Environment.GetEnvironmentVariable("VEIL_CRYPTO") is "portable", "VEIL_CRYPTO=portable is set.");
        Assert.Equal("libcrypto", CryptoBackend.Current.Name);
        Assert.NotNull(DirectSha256.Instance);
    }

    [Theory]
    [MemberData(nameof(Backends.Names), MemberType = typeof(Backends))]
    public static void Aes_gcm_agrees_with_wycheproof(string backend) => Backends.On(backend, () => CheckAead("aes_gcm", key => key.Length == 16
        ? AeadAlgorithm.Aes128Gcm
        : AeadAlgorithm.Aes256Gcm));

    [Theory]
    [MemberData(nameof(Backends.Names), MemberType = typeof(Backends))]
    public static void Chacha20_poly1305_agrees_with_wycheproof(string backend) =>
        Backends.On(backend, () => CheckAead("chacha20_poly1305", _ => AeadAlgorithm.ChaCha20Poly1305));

    [Theory]
    [MemberData(nameof(Backends.Names), MemberType = typeof(Backends))]
    public static void Hkdf_agrees_with_wycheproof(string backend) => Backends.On(backend, () =>
    {
        foreach (JsonElement test in Wycheproof("hkdf_sha256"))
        {
            int size = test.GetProperty("size").GetInt32();
            var prk = new byte[32];
            var okm = new byte[size];
            Hkdf.Extract(CryptoBackend.Current, test.Hex("salt"), test.Hex("ikm"), prk);
            if (test.GetProperty("result").GetString() is "valid")
            {
                Hkdf.Expand(CryptoBackend.Current, prk, test.Hex("info"), okm);
                Assert.Equal(test.Hex("okm"), okm);
            }
            else
            {
                Assert.Throws<ArgumentOutOfRangeException>(() => Hkdf.Expand(CryptoBackend.Current, prk, test.Hex("info"), okm));
            }
        }
    });

    [Theory]
    [MemberData(nameof(Backends.Names), MemberType = typeof(Backends))]
    public static void Hmac_agrees_with_dotnet_for_any_key_and_message(string backend) => Backends.On(backend, () =>
        Prop.ForAll<byte[], byte[]>((key, message) =>
        {
            var mac = new byte[32];
            CryptoBackend.Current.PrepareHmac(key, out HmacKey prepared);
            CryptoBackend.Current.Hmac(ref prepared, message, mac);
            return mac.AsSpan().SequenceEqual(HMACSHA256.HashData(key, message));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500).WithReplay(42, 43)));

    [Theory]
    [MemberData(nameof(Backends.Names), MemberType = typeof(Backends))]
    public static void Hmac_agrees_with_dotnet_for_long_messages(string backend) => Backends.On(backend, () =>
    {
        var message = new byte[70_000];
        var mac = new byte[32];
        CryptoBackend.Current.PrepareHmac(message.AsSpan(0, 100), out HmacKey prepared);
        CryptoBackend.Current.Hmac(ref prepared, message, mac);
        Assert.Equal(HMACSHA256.HashData(message.AsSpan(0, 100), message), mac);
    });

    [Theory]
    [MemberData(nameof(Backends.Names), MemberType = typeof(Backends))]
    public static void Sha256_agrees_with_dotnet_for_messages_of_any_length_and_in_place(string backend) => Backends.On(backend, () =>
    {
        byte[] message = RandomNumberGenerator.GetBytes(70_000);
        foreach (int length in Enumerable.Range(0, 1200).Concat([4096, 65_536, 70_000]))
        {
            var hash = new byte[32];
            CryptoBackend.Current.Sha256(message.AsSpan(0, length), hash);
            Assert.Equal(SHA256.HashData(message.AsSpan(0, length)), hash);
        }

        foreach (int length in new[] { 100, 500, 2000 })
        {
            byte[] expected = SHA256.HashData(message.AsSpan(0, length));
            CryptoBackend.Current.Sha256(message.AsSpan(0, length), message.AsSpan(10, 32));
            Assert.Equal(expected, message.AsSpan(10, 32));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => CryptoBackend.Current.Sha256(message, new byte[31]));
    });

    [Theory]
    [MemberData(nameof(Backends.Names), MemberType = typeof(Backends))]
    public static void An_aead_seals_and_opens_in_place(string backend) => Backends.On(backend, () =>
    {
        foreach (AeadAlgorithm algorithm in Enum.GetValues<AeadAlgorithm>())
        {
            byte[] key = RandomNumberGenerator.GetBytes(CryptoBackend.KeySize(algorithm));
            var nonce = new byte[CryptoBackend.NonceSize];
            byte[] text = RandomNumberGenerator.GetBytes(1000);
            var buffer = new byte[text.Length + CryptoBackend.TagSize];
            text.CopyTo(buffer, 0);
            CryptoBackend.Current.Seal(algorithm, key, nonce, default, buffer.AsSpan(0, text.Length), buffer);
            Assert.True(CryptoBackend.Current.TryOpen(algorithm, key, nonce, default, buffer, buffer.AsSpan(0, text.Length)));
            Assert.Equal(text, buffer[..text.Length]);
        }
    });

    [Theory]
    [MemberData(nameof(Backends.Names), MemberType = typeof(Backends))]
    public static void A_wrong_size_is_the_callers_mistake_and_a_short_ciphertext_the_peers(string backend) => Backends.On(backend, () =>
    {
        CryptoBackend crypto = CryptoBackend.Current;
        Assert.Throws<ArgumentOutOfRangeException>(() => crypto.Seal(AeadAlgorithm.Aes128Gcm, new byte[15], new byte[12], default, default, new byte[16]));
        Assert.Throws<ArgumentOutOfRangeException>(() => crypto.Seal(AeadAlgorithm.Aes128Gcm, new byte[16], new byte[11], default, default, new byte[16]));
        Assert.Throws<ArgumentOutOfRangeException>(() => crypto.Seal(AeadAlgorithm.Aes128Gcm, new byte[16], new byte[12], default, default, new byte[15]));
        Assert.Throws<ArgumentOutOfRangeException>(() => crypto.Seal((AeadAlgorithm)9, new byte[16], new byte[12], default, default, new byte[16]));
        Assert.False(crypto.TryOpen(AeadAlgorithm.Aes128Gcm, new byte[16], new byte[12], default, new byte[15], default));
        Assert.Throws<ArgumentOutOfRangeException>(() => crypto.ImportX25519(new byte[31]));
    });

    [Fact]
    public static void Libcrypto_allocates_nothing_on_the_hot_path()
    {
        CryptoBackend? native = CryptoBackend.Available.FirstOrDefault(backend => backend.Name is "libcrypto");
        Assert.SkipWhen(native is null, "This machine has no OpenSSL 3 libcrypto.");
        byte[] text = new byte[1024 + 16];
        byte[] secret = new byte[32];
        byte[] peer = [9, .. new byte[31]];
        using AgreementKey key = native.ImportX25519(RandomNumberGenerator.GetBytes(32));
        void Once()
        {
            key.TryDerive(peer, secret);
            native.PrepareHmac(secret, out HmacKey hmac);
            native.Hmac(ref hmac, text, secret);
            native.Seal(AeadAlgorithm.Aes128Gcm, secret.AsSpan(0, 16), secret.AsSpan(0, 12), default, text.AsSpan(0, 1024), text);
            native.TryOpen(AeadAlgorithm.Aes128Gcm, secret.AsSpan(0, 16), secret.AsSpan(0, 12), default, text, text.AsSpan(0, 1024));
        }

        for (int i = 0; i < 100; i++)
            Once();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            Once();

        // Another test's thread may take a pooled context meanwhile, and one is made then; a leak of any bytes per call would be far above this.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
    }

    internal static IEnumerable<JsonElement> Wycheproof(string name) =>
        VectorFile.OpenForeign("wycheproof-subset.json").GetProperty("tests").GetProperty(name).EnumerateArray();

    private static void CheckAead(string name, Func<byte[], AeadAlgorithm> algorithm)
    {
        int opened = 0;
        foreach (JsonElement test in Wycheproof(name))
        {
            byte[] key = test.Hex("key");
            byte[] nonce = test.Hex("iv");
            byte[] text = test.Hex("msg");
            byte[] ciphertext = [.. test.Hex("ct"), .. test.Hex("tag")];
            if (key.Length is not (16 or 32) || nonce.Length != CryptoBackend.NonceSize || test.GetProperty("tagSize").GetInt32() != 128)
                continue;

            var plaintext = new byte[ciphertext.Length - CryptoBackend.TagSize];
            bool valid = test.GetProperty("result").GetString() is "valid";
            Assert.Equal(valid, CryptoBackend.Current.TryOpen(algorithm(key), key, nonce, test.Hex("aad"), ciphertext, plaintext));
            if (!valid)
                continue;

            opened++;
            Assert.Equal(text, plaintext);
            var sealedText = new byte[ciphertext.Length];
            CryptoBackend.Current.Seal(algorithm(key), key, nonce, test.Hex("aad"), text, sealedText);
            Assert.Equal(ciphertext, sealedText);
        }

        Assert.NotEqual(0, opened);
    }
}
