using System.Buffers.Binary;
using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Veil.PrivacyPass;

namespace Veil.Common.Tests.PrivacyPass;

public static class TokenTests
{
    [Fact]
    public static void A_tokens_fields_stand_where_the_figure_has_them()
    {
        byte[] encoded = IssuanceVectorTests.Flows()[0].Hex("token");
        Assert.True(Token.TryParse(encoded, out Token? token, out _));
        Assert.Equal(IssuanceVectorTests.Flows()[0].Hex("nonce"), token.Nonce);
        Assert.Equal(IssuanceVectorTests.Flows()[0].Hex("token_key_id"), token.KeyId);
        Assert.Equal(IssuanceVectorTests.Flows()[0].Hex("token_input"), token.AuthenticatorInput);
        Assert.Equal(encoded.AsSpan(34, 32), token.ChallengeDigest);
        Assert.Equal(encoded.AsSpan(98), token.Authenticator);
        Assert.Equal("token of type Blind RSA 2048 (0x0002)", token.ToString());
    }

    [Fact]
    public static void Every_other_length_is_refused()
    {
        byte[] longer = [.. IssuanceVectorTests.Flows()[0].Hex("token"), 0];
        for (int length = 0; length <= longer.Length; length++)
        {
            Assert.Equal(length == 354, Token.TryParse(longer.AsSpan(0, length), out _, out PrivacyPassError error));
            Assert.Equal(length == 354 ? PrivacyPassError.None : PrivacyPassError.BadLength, error);
        }
    }

    [Fact]
    public static void A_token_of_every_type_has_one_length()
    {
        foreach (TokenType type in TokenType.Known)
        {
            var longer = new byte[type.TokenSize + 1];
            BinaryPrimitives.WriteUInt16BigEndian(longer, type.Id);
            for (int length = 0; length <= longer.Length; length++)
                Assert.Equal(length == type.TokenSize, Token.TryParse(longer.AsSpan(0, length), out _, out _));
        }

        Assert.Equal([146, 354, 162], TokenType.Known.Select(type => type.TokenSize));
        Assert.Equal([52, 259, 35], TokenType.Known.Select(type => type.TokenRequestSize));
        Assert.Equal([145, 256, 96], TokenType.Known.Select(type => type.TokenResponseSize));
    }

    [Fact]
    public static void Grease_is_never_in_the_registry_and_refused_as_unknown()
    {
        string[] grease = [.. TokenChallengeTests.Vectors().GetProperty("grease_types").EnumerateArray().Select(type => type.GetString()!)];
        Assert.Equal(17, grease.Length);
        foreach (string hex in grease)
        {
            ushort type = ushort.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            Assert.Null(TokenType.Find(type));
            var encoded = new byte[354];
            BinaryPrimitives.WriteUInt16BigEndian(encoded, type);
            Assert.False(Token.TryParse(encoded, out _, out PrivacyPassError error));
            Assert.Equal(PrivacyPassError.UnknownTokenType, error);
        }

        Assert.False(Token.TryParse(TokenChallengeTests.Vectors().GetProperty("structures")[5].Hex("token_authenticator_input"), out _, out _));
    }

    [Fact]
    public static void Any_bytes_parse_or_are_refused() =>
        Prop.ForAll<byte[]>(bytes =>
            Token.TryParse(bytes, out _, out PrivacyPassError error) == (error is PrivacyPassError.None)
            && TokenRequest.TryParse(bytes, out _, out error) == (error is PrivacyPassError.None)
            && TokenPublicKey.TryParse(2, bytes, out _, out error) == (error is PrivacyPassError.None))
        .Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(42, 43));
}
