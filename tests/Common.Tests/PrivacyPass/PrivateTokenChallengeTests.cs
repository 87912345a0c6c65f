using System.Globalization;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Veil.PrivacyPass;

namespace Veil.Common.Tests.PrivacyPass;

public static class PrivateTokenChallengeTests
{
    public static TheoryData<int> Headers => [0, 1, 2];

    [Theory]
    [MemberData(nameof(Headers))]
    public static void The_challenges_of_a_vectors_field_are_found_in_order(int index)
    {
        JsonElement vector = TokenChallengeTests.Vectors().GetProperty("headers")[index];
        JsonElement[] expected = [.. vector.GetProperty("challenges").EnumerateArray()];
        Assert.True(PrivateTokenChallenge.TryParse(vector.GetProperty("www_authenticate").GetString(), out IReadOnlyList<PrivateTokenChallenge>? challenges, out _));
        Assert.Equal(expected.Length, challenges.Count);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i].Hex("token-challenge"), challenges[i].Challenge);
            Assert.Equal(expected[i].Hex("token-key"), challenges[i].TokenKey);
            Assert.Equal(ushort.Parse(expected[i].GetProperty("token-type").GetString()!, NumberStyles.HexNumber, CultureInfo.InvariantCulture), challenges[i].TokenType);
            TimeSpan? maxAge = expected[i].TryGetProperty("max-age", out JsonElement age) ? TimeSpan.FromSeconds(int.Parse(age.GetString()!, CultureInfo.InvariantCulture)) : null;
            Assert.Equal(maxAge, challenges[i].MaxAge);
        }
    }

    [Theory]
    [InlineData("PrivateToken challenge=AAIA", 1)]
    [InlineData("privatetoken CHALLENGE=\"AAIA\"", 1)]
    [InlineData("PrivateToken challenge = \"AAIA\"", 1)]
    [InlineData("PrivateToken challenge=\"AA\\IA\"", 1)]
    [InlineData(" , ,PrivateToken challenge=AAIA, ,", 1)]
    [InlineData("Negotiate, PrivateToken challenge=AAIA", 1)]
    [InlineData("Negotiate YWJj==, PrivateToken challenge=AAIA", 1)]
    [InlineData("PrivateToken challenge=AAIA, Negotiate", 1)]
    [InlineData("PrivateToken , PrivateToken challenge=AAIA", 1)]
    [InlineData("PrivateToken challenge=AAIA,PrivateToken challenge=AAIB,Basic realm=\"a, PrivateToken challenge=AAIA\"", 2)]
    [InlineData("PrivateToken challenge=AAIA, max-age=5", 1)]
    [InlineData("PrivateToken challenge=AAIA, x=\"a\\\"b,c\"", 1)]
    [InlineData("PrivateToken challenge=AAIA, challenge=AAIB", 0)]
    [InlineData("PrivateToken max-age=5", 0)]
    [InlineData("PrivateToken challenge=AAIA, max-age=-5", 0)]
    [InlineData("PrivateToken challenge=AAIA, max-age=99999999999", 0)]
    [InlineData("PrivateToken challenge=AAIA, token-key=A", 0)]
    [InlineData("PrivateToken challenge=AAI", 0)]
    [InlineData("PrivateToken challenge=\"AA==\"", 0)]
    [InlineData("PrivateToken challenge=\"\"", 0)]
    [InlineData("PrivateToken AAIA", 0)]
    [InlineData("Basic realm=\"x\"", 0)]
    [InlineData("", 0)]
    public static void A_field_within_the_grammar_gives_its_usable_challenges(string field, int usable)
    {
        Assert.True(PrivateTokenChallenge.TryParse(field, out IReadOnlyList<PrivateTokenChallenge>? challenges, out _));
        Assert.Equal(usable, challenges.Count);
    }

    [Theory]
    [InlineData("PrivateToken challenge=\"AAIA")]
    [InlineData("PrivateToken challenge=\"AAIA\\")]
    [InlineData("PrivateToken challenge=\"AAIA\"x=y")]
    [InlineData("PrivateToken challenge=\"AAIA\" x=y")]
    [InlineData("PrivateToken challenge=\"A\rA\"")]
    [InlineData("PrivateToken challenge=\"A\\\0A\"")]
    [InlineData("PrivateToken challenge=AAIA==, x=y, a=b=c")]
    [InlineData("PrivateToken challenge=AAIA x")]
    [InlineData("PrivateToken challenge AAIA")]
    [InlineData("PrivateToken challenge=, x=y, =z")]
    [InlineData("PrivateToken\tchallenge=AAIA")]
    [InlineData("=")]
    [InlineData("\"PrivateToken\" challenge=AAIA")]
    [InlineData("Privat€Token challenge=AAIA")]
    public static void A_field_outside_the_grammar_is_refused(string field)
    {
        Assert.False(PrivateTokenChallenge.TryParse(field, out _, out PrivacyPassError error));
        Assert.Equal(PrivacyPassError.BadHeader, error);
    }

    [Fact]
    public static void A_field_of_more_than_16_Ki_characters_is_refused()
    {
        Assert.True(PrivateTokenChallenge.TryParse(new string(',', 16 * 1024), out _, out _));
        Assert.False(PrivateTokenChallenge.TryParse(new string(',', (16 * 1024) + 1), out _, out _));
    }

    [Fact]
    public static void A_written_challenge_is_read_again()
    {
        TokenChallenge challenge = TokenChallenge.Create(0x0002, "issuer.example", [], "origin.example");
        Assert.True(TokenPublicKey.TryParse(0x0002, IssuanceVectorTests.Flows()[0].Hex("pkS"), out TokenPublicKey? key, out _));
        string field = PrivateTokenChallenge.Write(challenge, key, TimeSpan.FromHours(1));
        Assert.True(PrivateTokenChallenge.TryParse(field, out IReadOnlyList<PrivateTokenChallenge>? read, out _));
        PrivateTokenChallenge only = Assert.Single(read);
        Assert.Equal(challenge.Encoded, only.Challenge);
        Assert.Equal(key.Encoding, only.TokenKey);
        Assert.Equal(TimeSpan.FromHours(1), only.MaxAge);
        Assert.True(PrivateTokenChallenge.TryParse(PrivateTokenChallenge.Write(challenge), out read, out _));
        Assert.True(Assert.Single(read).TokenKey.IsEmpty);
    }

    [Fact]
    public static void Any_text_is_read_or_refused() =>
        Prop.ForAll<string>(text =>
            text is null
            || PrivateTokenChallenge.TryParse($"PrivateToken a=b, {text}", out _, out PrivacyPassError error) == (error is PrivacyPassError.None))
        .Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(42, 43));
}
