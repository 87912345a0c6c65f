using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;
using Veil.Crypto;

namespace Veil.Common.Tests.Crypto;

public static class BlindRsaTests
{
    private static readonly byte[] Message = "a message that the signer never sees"u8.ToArray();
    private static readonly Lazy<BlindSigningKey> Signer = new(() => BlindSigningKey.Import(BlindSigningKey.GeneratePrivateKey(2048)));

    public static TheoryData<string> Backends => RsaBackends.Names;

    public static TheoryData<string, string> Variants => new(
        from backend in new[] { "libcrypto", "portable" } from variant in BlindRsaVariant.All select (backend, variant.Name));

    [Theory]
    [MemberData(nameof(Variants))]
    public static void What_is_blinded_signed_and_finalized_verifies(string backend, string variant)
    {
        BlindRsaVariant named = BlindRsaVariant.All.Single(candidate => candidate.Name == variant);
        BlindRsaPublicKey key = PublicKey(backend);
        byte[] input = named.Prepare(Message);
        Assert.True(key.TryBlind(named, input, out BlindedMessage? blinded));
        var signature = new byte[key.ModulusSize];
        using (blinded)
            Assert.True(blinded.TryFinalize(Sign(blinded.Bytes), signature));

        Assert.True(key.Verify(named, input, signature));
        Assert.False(key.Verify(named, [.. input, 0], signature));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public static void A_message_is_blinded_differently_each_time(string backend)
    {
        BlindRsaPublicKey key = PublicKey(backend);
        Assert.True(key.TryBlind(BlindRsaVariant.PssZeroDeterministic, Message, out BlindedMessage? first));
        Assert.True(key.TryBlind(BlindRsaVariant.PssZeroDeterministic, Message, out BlindedMessage? second));
        Assert.NotEqual(first.Bytes.ToArray(), second.Bytes.ToArray());
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public static void A_signature_that_does_not_verify_is_not_released(string backend)
    {
        BlindRsaPublicKey key = PublicKey(backend);
        Assert.True(key.TryBlind(BlindRsaVariant.PssDeterministic, Message, out BlindedMessage? blinded));
        byte[] good = Sign(blinded.Bytes);
        byte[] flipped = [.. good];
        flipped[100] ^= 1;
        byte[][] bad = [flipped, good[1..], [.. good, 0], [], key.Modulus.ToArray(), Filled(0xFF), Filled(0), blinded.Bytes.ToArray()];
        foreach (byte[] blindSignature in bad)
        {
            byte[] signature = Filled(0xAA);
            Assert.False(blinded.TryFinalize(blindSignature, signature));
            Assert.Equal(Filled(0), signature);
        }

        Assert.True(blinded.TryFinalize(good, Filled(0)));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public static void A_flipped_bit_anywhere_in_a_signature_is_refused(string backend)
    {
        BlindRsaPublicKey key = PublicKey(backend);
        Assert.True(key.TryBlind(BlindRsaVariant.PssDeterministic, Message, out BlindedMessage? blinded));
        byte[] signature = Filled(0);
        Assert.True(blinded.TryFinalize(Sign(blinded.Bytes), signature));
        for (int bit = 0; bit < signature.Length * 8; bit += 7)
        {
            signature[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(key.Verify(BlindRsaVariant.PssDeterministic, Message, signature));
            signature[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public static void A_signature_of_another_length_or_not_below_the_modulus_is_refused(string backend)
    {
        BlindRsaPublicKey key = PublicKey(backend);
        byte[][] bad = [[], Filled(0), Filled(0)[1..], [.. Filled(0), 0], Filled(0xFF), key.Modulus.ToArray()];
        Assert.All(bad, signature => Assert.False(key.Verify(BlindRsaVariant.PssDeterministic, Message, signature)));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public static void A_factor_shared_with_the_modulus_is_refused_instead_of_retried_for_ever(string backend)
    {
        BigInteger composite = (BigInteger.One << 2046) + 1;
        composite = (composite * 3) | 1;
        while (composite % 3 != 0)
            composite += 2;

        BlindRsaPublicKey key = RsaBackends.PublicKey(backend, RsaBackends.Octets(composite, 256));
        byte[] r = RsaBackends.Octets(3, 256);
        Assert.False(key.TryBlind(BlindRsaVariant.PssZeroDeterministic, Message, [], r, out BlindedMessage? blinded));
        Assert.Null(blinded);
    }

    [Fact]
    public static void The_back_ends_agree()
    {
        BlindRsaPublicKey native = PublicKey("libcrypto"), portable = PublicKey("portable");
        var salt = new byte[48];
        for (byte seed = 1; seed < 20; seed++)
        {
            byte[] r = Filled(0);
            new Random(seed).NextBytes(r.AsSpan(1));
            Assert.True(native.TryBlind(BlindRsaVariant.PssDeterministic, [seed], salt, r, out BlindedMessage? first));
            Assert.True(portable.TryBlind(BlindRsaVariant.PssDeterministic, [seed], salt, r, out BlindedMessage? second));
            Assert.Equal(first.Bytes, second.Bytes);
            byte[] one = Filled(0), other = Filled(0);
            Assert.True(first.TryFinalize(Sign(first.Bytes), one));
            Assert.True(second.TryFinalize(Sign(first.Bytes), other));
            Assert.Equal(one, other);
        }
    }

    [Fact]
    public static void The_signer_refuses_zero_other_lengths_and_values_not_below_the_modulus()
    {
        BlindSigningKey signer = SigningKey();
        byte[] modulus = signer.PublicKey.Modulus.ToArray();
        byte[][] bad = [[], Filled(0), Filled(1)[1..], [.. Filled(1), 1], modulus, Filled(0xFF)];
        foreach (byte[] blindedMessage in bad)
        {
            byte[] answer = Filled(0xAA);
            Assert.False(signer.TryBlindSign(blindedMessage, answer));
            Assert.Equal(Filled(0xAA), answer);
        }

        modulus[^1]--;
        Assert.True(signer.TryBlindSign(modulus, Filled(0)));
    }

    [Fact]
    public static void One_signing_key_serves_many_threads()
    {
        BlindSigningKey signer = SigningKey();
        Parallel.For(0, 64, _ =>
        {
            Assert.True(signer.PublicKey.TryBlind(BlindRsaVariant.PssDeterministic, Message, out BlindedMessage? blinded));
            byte[] signature = Filled(0);
            Assert.True(blinded.TryFinalize(Sign(blinded.Bytes), signature));
        });
    }

    [Fact]
    public static void A_private_key_whose_halves_do_not_belong_together_is_refused_at_import()
    {
        SigningKey();
        using var rsa = RSA.Create(2048);
        RSAParameters parameters = rsa.ExportParameters(includePrivateParameters: true);
        parameters.D![^1] ^= 2;
        parameters.DP![^1] ^= 2;
        Assert.ThrowsAny<CryptographicException>(() =>
        {
            using var broken = RSA.Create(parameters);
            BlindSigningKey.Import(broken.ExportPkcs8PrivateKey());
        });
    }

    [Fact]
    public static void Private_keys_that_are_not_whole_pkcs8_rsa_keys_are_refused()
    {
        SigningKey();
        byte[] good = BlindSigningKey.GeneratePrivateKey(2048);
        using var elliptic = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var small = RSA.Create(1024);
        byte[][] bad = [[], good[..^1], [.. good, 0], [1, 2, 3], elliptic.ExportPkcs8PrivateKey(), small.ExportPkcs8PrivateKey()];
        Assert.All(bad, pkcs8 => Assert.ThrowsAny<CryptographicException>(() => BlindSigningKey.Import(pkcs8)));
        using BlindSigningKey key = BlindSigningKey.Import(good);
        Assert.Equal("RSA-2048 blind signing key", key.ToString());
    }

    [Fact]
    public static void On_the_portable_back_end_clients_work_and_signing_is_refused()
    {
        byte[] privateKey = BlindSigningKey.GeneratePrivateKey(2048);
        byte[] modulus = PublicKey("portable").Modulus.ToArray();
        CryptoBackend.Available.Single(backend => backend.Name is "portable").Run(() =>
        {
            Assert.IsType<PortableRsaArithmetic>(RsaArithmetic.Create(modulus, [1, 0, 1]));
            PlatformNotSupportedException refusal = Assert.Throws<PlatformNotSupportedException>(() => BlindSigningKey.Import(privateKey));
            Assert.Contains("libcrypto", refusal.Message, StringComparison.Ordinal);
            Assert.True(BlindRsaPublicKey.TryCreate(modulus, [1, 0, 1], out BlindRsaPublicKey? key));
            Assert.True(key.TryBlind(BlindRsaVariant.PssDeterministic, Message, out BlindedMessage? blinded));
            Assert.True(blinded.TryFinalize(Sign(blinded.Bytes), Filled(0)));
        });
    }

    [Fact]
    public static void A_disposed_key_signs_no_more()
    {
        SigningKey();
        BlindSigningKey key = BlindSigningKey.Import(BlindSigningKey.GeneratePrivateKey(2048));
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.TryBlindSign(Filled(1), Filled(0)));
    }

    [Fact]
    public static void A_disposed_blind_finalizes_no_more()
    {
        Assert.True(PublicKey("portable").TryBlind(BlindRsaVariant.PssDeterministic, Message, out BlindedMessage? blinded));
        blinded.Dispose();
        Assert.Throws<ObjectDisposedException>(() => blinded.TryFinalize(Filled(0), Filled(0)));
    }

    [Fact]
    public static void Public_keys_of_other_sizes_and_exponents_and_even_moduli_are_refused()
    {
        byte[] good = Filled(0xC1), exponent = [1, 0, 1];
        byte[] even = [.. good[..^1], 0xC0], padded = [0, .. good], high = [0x7F, .. good[1..]];
        Assert.True(BlindRsaPublicKey.TryCreate(good, exponent, out _));
        Assert.True(BlindRsaPublicKey.TryCreate([1, .. good], exponent, out _));
        Assert.All(new byte[][] { [], even, padded, high, good[1..], [1, .. good, .. good] }, modulus => Assert.False(BlindRsaPublicKey.TryCreate(modulus, exponent, out _)));
        Assert.All(new byte[][] { [], [3], [1, 0, 0], [0, 1, 0, 1], [1, 0, 3] }, other => Assert.False(BlindRsaPublicKey.TryCreate(good, other, out _)));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public static void Wycheproof_signatures_get_their_verdict(string backend)
    {
        JsonElement file = VectorFile.OpenForeign("wycheproof-subset.json").GetProperty("tests").GetProperty("rsa_pss_2048_sha384_mgf1_48");
        byte[] modulus = file.GetProperty("groups")[0].GetProperty("publicKey").Hex("modulus")[1..];
        BlindRsaPublicKey key = RsaBackends.PublicKey(backend, modulus);
        JsonElement[] cases = [.. file.GetProperty("tests").EnumerateArray()];
        Assert.NotEmpty(cases);
        Assert.All(cases, test => Assert.Equal(
            test.GetProperty("result").GetString() is "valid", key.Verify(BlindRsaVariant.PssDeterministic, test.Hex("msg"), test.Hex("sig"))));
    }

    private static byte[] Filled(byte value)
    {
        var octets = new byte[256];
        Array.Fill(octets, value);
        return octets;
    }

    private static BlindSigningKey SigningKey()
    {
        RsaBackends.SkipUnlessThisProcessSigns();
        return Signer.Value;
    }

    private static BlindRsaPublicKey PublicKey(string backend) => RsaBackends.PublicKey(backend, SigningKey().PublicKey.Modulus.ToArray());

    private static byte[] Sign(ReadOnlySpan<byte> blindedMessage)
    {
        byte[] answer = Filled(0);
        Assert.True(Signer.Value.TryBlindSign(blindedMessage, answer));
        return answer;
    }
}
