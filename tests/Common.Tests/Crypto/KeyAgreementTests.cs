using System.Security.Cryptography;
using System.Text.Json;
using Veil.Crypto;

namespace Veil.Common.Tests.Crypto;

public static class KeyAgreementTests
{
    [Theory]
    [MemberData(nameof(Backends.Names), MemberType = typeof(Backends))]
    public static void X25519_agrees_with_wycheproof_and_refuses_an_all_zero_secret(string backend) => Backends.On(backend, () =>
    {
        foreach (JsonElement test in CryptoBackendTests.Wycheproof("x25519"))
        {
            using AgreementKey key = KeyAgreement.X25519.Import(test.Hex("private"))!;
            byte[] publicKey = test.Hex("public");
            byte[] expected = test.Hex("shared");
            bool lowOrder = !expected.AsSpan().ContainsAnyExcept((byte)0);
            var secret = new byte[32];
            Assert.Equal(!lowOrder, key.TryDerive(publicKey, secret));
            Assert.Equal(expected, secret);
            Assert.Equal(!lowOrder, KeyAgreement.X25519.IsValidPublicKey(publicKey));
        }
    });

    [Theory]
    [MemberData(nameof(Backends.Names), MemberType = typeof(Backends))]
    public static void X25519_iterated_a_thousand_times_gives_the_rfc_7748_value(string backend) => Backends.On(backend, () =>
    {
        byte[] k = [9, .. new byte[31]];
        byte[] u = [.. k];
        for (int i = 0; i < 1000; i++)
        {
            using AgreementKey key = KeyAgreement.X25519.Import(k)!;
            var next = new byte[32];
            key.TryDerive(u, next);
            u = k;
            k = next;
        }

        Assert.Equal("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51", Convert.ToHexStringLower(k));
    });

    [Theory]
    [MemberData(nameof(Backends.Names), MemberType = typeof(Backends))]
    public static void A_refused_peer_does_not_spoil_the_next(string backend) => Backends.On(backend, () =>
    {
        using AgreementKey key = KeyAgreement.X25519.Generate();
        byte[] peer = [9, .. new byte[31]];
        var secret = new byte[32];
        for (int i = 0; i < 3; i++)
        {
            Assert.False(key.TryDerive(new byte[32], secret));
            Assert.False(key.TryDerive(new byte[31], secret));
            Assert.Equal(new byte[32], secret);
            Assert.True(key.TryDerive(peer, secret));
            Assert.Equal(key.PublicKey.ToArray(), secret);
        }
    });

    [Fact]
    public static void Back_ends_compute_the_same_x25519()
    {
        var random = new Random(42);
        for (int i = 0; i < 200; i++)
        {
            var scalar = new byte[32];
            var point = new byte[32];
            random.NextBytes(scalar);
            random.NextBytes(point);
            List<string> results = [];
            foreach (CryptoBackend backend in CryptoBackend.Available)
            {
                using AgreementKey key = backend.ImportX25519(scalar);
                var secret = new byte[32];
                key.TryDerive(point, secret);
                results.Add(Convert.ToHexString(key.PublicKey.Span) + Convert.ToHexString(secret));
            }

            Assert.Single(results.Distinct());
        }
    }

    [Fact]
    public static void P256_agrees_with_wycheproof_and_refuses_points_off_the_curve()
    {
        foreach (JsonElement test in CryptoBackendTests.Wycheproof("ecdh_p256_ecpoint"))
        {
            byte[] scalar = test.Hex("private");
            scalar = [.. new byte[32], .. scalar];
            byte[] publicKey = test.Hex("public");
            using AgreementKey? key = KeyAgreement.P256.Import(scalar.AsSpan(scalar.Length - 32));
            Assert.NotNull(key);
            var secret = new byte[32];
            bool agreed = key.TryDerive(publicKey, secret);
            bool expected = test.GetProperty("result").GetString() is "valid" && publicKey.Length == 65;
            Assert.True(expected == agreed, $"test {test.GetProperty("tcId")}");
            if (expected)
                Assert.Equal(test.Hex("shared"), secret);
        }
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", false)]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000001", true)]
    [InlineData("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632550", true)]
    [InlineData("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", false)]
    [InlineData("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", false)]
    public static void A_P256_scalar_lies_between_0_and_the_order(string scalar, bool valid)
    {
        using AgreementKey? key = KeyAgreement.P256.Import(Convert.FromHexString(scalar));
        Assert.Equal(valid, key is not null);
    }

    [Theory]
    [MemberData(nameof(Backends.Names), MemberType = typeof(Backends))]
    public static void A_key_comes_back_from_its_exported_bytes(string backend) => Backends.On(backend, () =>
    {
        foreach (KeyAgreement group in new[] { KeyAgreement.X25519, KeyAgreement.P256 })
        {
            using AgreementKey key = group.Generate();
            var bytes = new byte[group.PrivateKeySize];
            key.Export(bytes);
            using AgreementKey again = group.Import(bytes)!;
            Assert.Equal(key.PublicKey.ToArray(), again.PublicKey.ToArray());
            Assert.True(group.IsValidPublicKey(key.PublicKey.Span));
        }
    });

    [Theory]
    [MemberData(nameof(Backends.Names), MemberType = typeof(Backends))]
    public static void A_disposed_key_neither_derives_nor_exports(string backend) => Backends.On(backend, () =>
    {
        AgreementKey key = KeyAgreement.X25519.Generate();
        byte[] peer = [9, .. new byte[31]];
        Assert.True(key.TryDerive(peer, new byte[32]));
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.TryDerive(peer, new byte[32]));
        Assert.Throws<ObjectDisposedException>(() => key.Export(new byte[32]));
    });

    [Theory]
    [MemberData(nameof(Backends.Names), MemberType = typeof(Backends))]
    public static void Threads_share_a_key_and_disposing_it_meanwhile_breaks_none(string backend) => Backends.On(backend, () =>
    {
        byte[] scalar = RandomNumberGenerator.GetBytes(32);
        AgreementKey key = CryptoBackend.Available.Single(candidate => candidate.Name == backend).ImportX25519(scalar);
        byte[] peer = [9, .. new byte[31]];
        byte[] expected = key.PublicKey.ToArray();
        int wrong = 0;
        var threads = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            var secret = new byte[32];
            try
            {
                for (int i = 0; i < 2000; i++)
                {
                    if (!key.TryDerive(peer, secret) || !secret.AsSpan().SequenceEqual(expected))
                        Interlocked.Increment(ref wrong);
                }
            }
            catch (ObjectDisposedException)
            {
                // The key went away: a named refusal is the right answer.
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads[0].Join(20);
        key.Dispose();
        threads.ForEach(thread => thread.Join());
        Assert.Equal(0, wrong);
    });
}
