using System.Text.Json;
using Veil.PrivacyPass;

namespace Veil.Common.Tests.PrivacyPass;

public static class PrivateTokenAuthorizationTests
{
    public static TheoryData<string> Cases => [.. All().Select(entry => entry.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Cases))]
    public static void A_vectors_field_gets_its_verdict(string name)
    {
        JsonElement vector = All().Single(entry => entry.GetProperty("name").GetString() == name);
        bool valid = vector.GetProperty("valid").GetBoolean();
        Assert.Equal(valid, PrivateTokenAuthorization.TryParse(vector.GetProperty("authorization").GetString(), out Token? token, out PrivacyPassError error));
        Assert.Equal(valid, error is PrivacyPassError.None);
        if (valid)
            Assert.Equal(vector.Hex("token"), token!.Encoded);
    }

    [Theory]
    [InlineData("", PrivacyPassError.BadHeader)]
    [InlineData("PrivateToken token=\"A\", Bearer x", PrivacyPassError.BadHeader)]
    [InlineData("PrivateToken token=\"A", PrivacyPassError.BadHeader)]
    [InlineData("Bearer AAAA", PrivacyPassError.WrongScheme)]
    [InlineData("PrivateToken AAAA", PrivacyPassError.MissingParameter)]
    [InlineData("PrivateToken x=y", PrivacyPassError.MissingParameter)]
    [InlineData("PrivateToken token=AAAA, TOKEN=AAAA", PrivacyPassError.DuplicateParameter)]
    [InlineData("PrivateToken token=AAA", PrivacyPassError.BadBase64)]
    [InlineData("PrivateToken token=AAIA", PrivacyPassError.BadLength)]
    [InlineData("PrivateToken token=AAMA", PrivacyPassError.UnknownTokenType)]
    public static void A_bad_field_is_refused_for_its_reason(string field, PrivacyPassError expected)
    {
        Assert.False(PrivateTokenAuthorization.TryParse(field, out Token? token, out PrivacyPassError error));
        Assert.Null(token);
        Assert.Equal(expected, error);
    }

    [Fact]
    public static void A_written_field_is_read_again()
    {
        byte[] token = IssuanceVectorTests.Flows()[0].Hex("token");
        Assert.True(PrivateTokenAuthorization.TryParse(PrivateTokenAuthorization.Write(token), out Token? read, out _));
        Assert.Equal(token, read.Encoded);
    }

    private static JsonElement[] All() => [.. TokenChallengeTests.Vectors().GetProperty("authorization_cases").EnumerateArray()];
}
