using System.Numerics;
using System.Text.Json;
using Veil.Crypto;

namespace Veil.Common.Tests.Crypto;

/// <summary>RFC 9474 appendix A: every variant, every step, on every back end.</summary>
public static class BlindRsaVectorTests
{
    public static TheoryData<string, string> Vectors => new(
        from backend in new[] { "libcrypto", "portable" } from variant in BlindRsaVariant.All select (backend, variant.Name));

    [Theory]
    [MemberData(nameof(Vectors))]
    public static void Blind_gives_the_blinded_message_of_the_vector(string backend, string variant)
    {
        JsonElement vector = Vector(variant);
        BlindRsaPublicKey key = RsaBackends.PublicKey(backend, vector.Hex("n"));
        Assert.True(key.TryBlind(Variant(variant), vector.Hex("input_msg"), vector.Hex("salt"), Blind(vector), out BlindedMessage? blinded));
        using (blinded)
            Assert.Equal(vector.Hex("blinded_msg"), blinded.Bytes);
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public static void Finalize_gives_the_signature_of_the_vector(string backend, string variant)
    {
        JsonElement vector = Vector(variant);
        BlindRsaPublicKey key = RsaBackends.PublicKey(backend, vector.Hex("n"));
        Assert.True(key.TryBlind(Variant(variant), vector.Hex("input_msg"), vector.Hex("salt"), Blind(vector), out BlindedMessage? blinded));
        var signature = new byte[key.ModulusSize];
        using (blinded)
            Assert.True(blinded.TryFinalize(vector.Hex("blind_sig"), signature));

        Assert.Equal(vector.Hex("sig"), signature);
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public static void A_signature_verifies_under_its_own_salt_length_alone(string backend, string variant)
    {
        JsonElement vector = Vector(variant);
        BlindRsaPublicKey key = RsaBackends.PublicKey(backend, vector.Hex("n"));
        foreach (BlindRsaVariant candidate in BlindRsaVariant.All)
            Assert.Equal(candidate.SaltSize == Variant(variant).SaltSize, key.Verify(candidate, vector.Hex("input_msg"), vector.Hex("sig")));
    }

    [Theory]
    [InlineData("RSABSSA-SHA384-PSS-Randomized")]
    [InlineData("RSABSSA-SHA384-PSSZERO-Randomized")]
    [InlineData("RSABSSA-SHA384-PSS-Deterministic")]
    [InlineData("RSABSSA-SHA384-PSSZERO-Deterministic")]
    public static void BlindSign_gives_the_blind_signature_of_the_vector(string variant)
    {
        JsonElement vector = Vector(variant);
        using BlindSigningKey key = RsaBackends.SigningKey(vector.Hex("p"), vector.Hex("q"), vector.Hex("n"));
        var blindSignature = new byte[key.PublicKey.ModulusSize];
        Assert.True(key.TryBlindSign(vector.Hex("blinded_msg"), blindSignature));
        Assert.Equal(vector.Hex("blind_sig"), blindSignature);
    }

    [Theory]
    [InlineData("RSABSSA-SHA384-PSS-Randomized")]
    [InlineData("RSABSSA-SHA384-PSSZERO-Randomized")]
    [InlineData("RSABSSA-SHA384-PSS-Deterministic")]
    [InlineData("RSABSSA-SHA384-PSSZERO-Deterministic")]
    public static void The_encoded_message_is_that_of_the_vector(string variant)
    {
        JsonElement vector = Vector(variant);
        byte[] expected = vector.Hex("encoded_msg");
        var encoded = new byte[expected.Length];
        EmsaPss.Encode(vector.Hex("input_msg"), vector.Hex("salt"), (expected.Length * 8) - 1, encoded);
        Assert.Equal(expected, encoded);
        Assert.True(EmsaPss.Verify(vector.Hex("input_msg"), encoded, Variant(variant).SaltSize, (expected.Length * 8) - 1));
    }

    [Theory]
    [InlineData("RSABSSA-SHA384-PSS-Randomized", true)]
    [InlineData("RSABSSA-SHA384-PSSZERO-Randomized", true)]
    [InlineData("RSABSSA-SHA384-PSS-Deterministic", false)]
    [InlineData("RSABSSA-SHA384-PSSZERO-Deterministic", false)]
    public static void Prepare_puts_32_fresh_bytes_before_the_message_only_where_the_variant_says_so(string variant, bool randomized)
    {
        byte[] message = Vector(variant).Hex("msg");
        byte[] first = Variant(variant).Prepare(message);
        byte[] second = Variant(variant).Prepare(message);
        Assert.Equal(message, first[^message.Length..]);
        Assert.Equal(message.Length + (randomized ? 32 : 0), first.Length);
        Assert.Equal(randomized, !first.SequenceEqual(second));
    }

    private static BlindRsaVariant Variant(string name) => BlindRsaVariant.All.Single(variant => variant.Name == name);

    private static JsonElement Vector(string name) =>
        VectorFile.Open("rfc9474/blindrsa-rfc9474.json").GetProperty("vectors").EnumerateArray().Single(vector => vector.GetProperty("name").GetString() == name);

    /// <summary>The file gives r^-1; Blind takes r.</summary>
    private static byte[] Blind(JsonElement vector)
    {
        byte[] n = vector.Hex("n");
        BigInteger r = RsaBackends.Inverse(RsaBackends.Number(vector.Hex("inv")), RsaBackends.Number(n));
        return RsaBackends.Octets(r, n.Length);
    }
}
