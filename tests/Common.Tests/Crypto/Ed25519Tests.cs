using Veil.Crypto;

namespace Veil.Common.Tests.Crypto;

/// <summary>Ed25519 (RFC 8032 section 7.1).</summary>
public static class Ed25519Tests
{
    public static TheoryData<string, string, string, string> Examples => new()
    {
        {
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        },
        {
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        },
        {
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        },
    };

    [Theory]
    [MemberData(nameof(Examples))]
    public static void Examples_of_the_RFC_sign_and_verify(string seed, string publicKey, string message, string signature)
    {
        using Ed25519PrivateKey key = Ed25519PrivateKey.Import(Convert.FromHexString(seed));
        byte[] text = Convert.FromHexString(message);

        Assert.Equal(publicKey, Convert.ToHexStringLower(key.PublicKey.Encoded.Span));
        Assert.Equal(signature, Convert.ToHexStringLower(key.Sign(text)));
        Assert.True(new Ed25519PublicKey(Convert.FromHexString(publicKey)).Verify(text, Convert.FromHexString(signature)));
    }

    [Fact]
    public static void Every_flipped_bit_of_a_signature_and_another_message_or_size_are_refused()
    {
        using Ed25519PrivateKey key = Ed25519PrivateKey.Generate();
        byte[] signature = key.Sign("text"u8);
        Assert.True(key.PublicKey.Verify("text"u8, signature));
        Assert.False(key.PublicKey.Verify("texT"u8, signature));
        Assert.False(key.PublicKey.Verify("text"u8, signature.AsSpan(1)));
        for (int bit = 0; bit < signature.Length * 8; bit++)
        {
            byte[] flipped = [.. signature];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(key.PublicKey.Verify("text"u8, flipped));
        }
    }

    [Fact]
    public static void S_plus_the_order_is_refused()
    {
        using Ed25519PrivateKey key = Ed25519PrivateKey.Generate();
        byte[] signature = key.Sign("text"u8);
        var order = System.Numerics.BigInteger.Parse("7237005577332262213973186563042994240857116359379907606001950938285454250989", System.Globalization.CultureInfo.InvariantCulture);
        (new System.Numerics.BigInteger(signature.AsSpan(32), isUnsigned: true) + order).TryWriteBytes(signature.AsSpan(32), out _, isUnsigned: true);

        Assert.False(key.PublicKey.Verify("text"u8, signature));
    }

    [Fact]
    public static void A_public_key_that_is_no_point_verifies_nothing()
    {
        var key = new Ed25519PublicKey(Convert.FromHexString("0200000000000000000000000000000000000000000000000000000000000000"));

        Assert.False(key.Verify("text"u8, new byte[64]));
    }

    [Fact]
    public static void A_key_is_exported_and_taken_again()
    {
        using Ed25519PrivateKey key = Ed25519PrivateKey.Generate();
        byte[] seed = new byte[Ed25519PrivateKey.SeedSize];
        key.Export(seed);
        using Ed25519PrivateKey again = Ed25519PrivateKey.Import(seed);

        Assert.Equal(key.Sign("text"u8), again.Sign("text"u8));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ed25519PrivateKey.Import(seed.AsSpan(1)));
    }
}
