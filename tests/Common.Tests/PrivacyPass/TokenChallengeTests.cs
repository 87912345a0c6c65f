using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Veil.PrivacyPass;

namespace Veil.Common.Tests.PrivacyPass;

public static class TokenChallengeTests
{
    public static TheoryData<int> Structures => new(Enumerable.Range(0, 5));

    [Theory]
    [MemberData(nameof(Structures))]
    public static void A_vectors_challenge_is_parsed_written_and_digested(int index)
    {
        JsonElement vector = Vectors().GetProperty("structures")[index];
        Assert.True(TokenChallenge.TryParse(vector.Hex("token_challenge"), out TokenChallenge? challenge, out _));
        Assert.Equal(0x0002, challenge.TokenType);
        Assert.Equal(vector.Hex("issuer_name"), Encoding.ASCII.GetBytes(challenge.IssuerName));
        Assert.Equal(vector.Hex("redemption_context"), challenge.RedemptionContext);
        Assert.Equal(vector.Hex("origin_info"), Encoding.ASCII.GetBytes(challenge.OriginInfo));
        Assert.Equal(vector.Hex("challenge_digest"), challenge.Digest);
        Assert.Equal(
            vector.Hex("token_challenge"),
            TokenChallenge.Create(challenge.TokenType, challenge.IssuerName, challenge.RedemptionContext, challenge.OriginInfo).Encoded);
        Assert.Equal(
            vector.Hex("token_authenticator_input"),
            AuthenticatorInput.Write(challenge.TokenType, vector.Hex("nonce"), challenge.Digest, vector.Hex("token_key_id")));
    }

    [Theory]
    [InlineData("redemption_context length 31", PrivacyPassError.BadRedemptionContext)]
    [InlineData("redemption_context length 33", PrivacyPassError.BadRedemptionContext)]
    [InlineData("empty issuer_name", PrivacyPassError.BadIssuerName)]
    [InlineData("trailing byte", PrivacyPassError.BadLength)]
    [InlineData("truncated origin_info", PrivacyPassError.BadLength)]
    [InlineData("only token type", PrivacyPassError.BadLength)]
    [InlineData("issuer_name with userinfo (u@h)", PrivacyPassError.BadIssuerName)]
    public static void A_vectors_bad_challenge_is_refused_for_its_reason(string name, PrivacyPassError expected)
    {
        JsonElement vector = Vectors().GetProperty("invalid_challenges").EnumerateArray().Single(entry => entry.GetProperty("name").GetString() == name);
        Assert.False(TokenChallenge.TryParse(vector.Hex("hex"), out _, out PrivacyPassError error));
        Assert.Equal(expected, error);
    }

    [Fact]
    public static void Every_bad_challenge_of_the_vectors_is_named_above() =>
        Assert.Equal(7, Vectors().GetProperty("invalid_challenges").GetArrayLength());

    [Theory]
    [InlineData("a.example,,b.example")]
    [InlineData(",a.example")]
    [InlineData("a.example,")]
    [InlineData("a.example, b.example")]
    [InlineData("https://a.example/")]
    [InlineData("user@a.example")]
    [InlineData("ü.example")]
    public static void An_origin_list_with_anything_but_names_is_refused(string originInfo) =>
        Assert.Throws<ArgumentException>(() => TokenChallenge.Create(0x0002, "issuer.example", [], originInfo));

    [Theory]
    [InlineData("", "anything.example", true)]
    [InlineData("a.example,b.example:8443", "B.EXAMPLE:8443", true)]
    [InlineData("a.example,b.example:8443", "b.example", false)]
    [InlineData("a.example", "x.a.example", false)]
    public static void It_covers_the_origins_that_it_lists_and_with_an_empty_list_all(string originInfo, string origin, bool expected) =>
        Assert.Equal(expected, TokenChallenge.Create(0x0002, "issuer.example", [], originInfo).Covers(origin));

    [Fact]
    public static void Every_proper_prefix_is_refused()
    {
        byte[] whole = TokenChallenge.Create(0x0002, "issuer.example", new byte[32], "origin.example").Encoded.ToArray();
        for (int length = 0; length < whole.Length; length++)
            Assert.False(TokenChallenge.TryParse(whole.AsSpan(0, length), out _, out _));
    }

    [Fact]
    public static void Any_bytes_parse_or_are_refused_and_what_parses_is_written_as_it_was() =>
        Prop.ForAll<byte[]>(bytes =>
            TokenChallenge.TryParse(bytes, out TokenChallenge? challenge, out PrivacyPassError error) == (error is PrivacyPassError.None)
            && (challenge is null || challenge.Encoded.SequenceEqual(bytes)))
        .Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(42, 43));

    internal static JsonElement Vectors() => VectorFile.Open("rfc9577/privatetoken-rfc9577.json");
}
