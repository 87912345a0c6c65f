using System.Security.Cryptography;
using Veil.Common.Tests.Crypto;
using Veil.PrivacyPass;

namespace Veil.Common.Tests.PrivacyPass;

/// <summary>Everything that can go wrong between a client, an issuer and an origin.</summary>
public static class IssuanceTests
{
    private static readonly TokenChallenge Challenge = TokenChallenge.Create(0x0002, "issuer.example", [], "origin.example");
    private static readonly Lazy<TokenIssuerKey> Issuer = new(() => TokenIssuerKey.Import(0x0002, TokenType.Find(0x0002)!.GeneratePrivateKey()));

    public static TheoryData<ushort> Types => [.. TokenType.All.Select(type => type.Id)];

    [Theory]
    [MemberData(nameof(Types))]
    public static void Every_type_of_the_registry_issues_a_token_that_verifies(ushort id)
    {
        IssuerKey();
        TokenType type = TokenType.Find(id)!;
        using TokenIssuerKey issuer = TokenIssuerKey.Import(id, type.GeneratePrivateKey());
        TokenChallenge challenge = TokenChallenge.Create(id, "issuer.example", [], "origin.example");
        Assert.True(TokenPublicKey.TryParse(id, issuer.PublicKey.Encoding, out TokenPublicKey? key, out _));
        Assert.True(PendingToken.TryCreate(key, challenge, out PendingToken? pending, out _));
        Assert.Equal(type.TokenRequestSize, pending.TokenRequest.Length);
        Assert.True(issuer.TryIssue(pending.TokenRequest.Span, out byte[]? response, out _));
        Assert.Equal(type.TokenResponseSize, response.Length);
        Assert.True(pending.TryFinalize(response, out Token? token, out _));
        Assert.Equal(type.TokenSize, token.Encoded.Length);
        Assert.Equal(challenge.Digest, token.ChallengeDigest);
        Assert.True(issuer.Verify(token));
        Assert.Equal(type.IsPubliclyVerifiable, type.IsPubliclyVerifiable && key.Verify(token));
    }

    [Fact]
    public static void Two_tokens_for_one_challenge_share_neither_nonce_nor_request()
    {
        PendingToken first = Pending(), second = Pending();
        Assert.NotEqual(first.TokenRequest.ToArray(), second.TokenRequest.ToArray());
        Assert.NotEqual(Finish(first).Nonce.ToArray(), Finish(second).Nonce.ToArray());
    }

    [Fact]
    public static void The_issuer_names_what_is_wrong_with_a_request()
    {
        byte[] good = Pending().TokenRequest.ToArray();
        AssertRefused(PrivacyPassError.BadLength, []);
        AssertRefused(PrivacyPassError.BadLength, good[..2]);
        AssertRefused(PrivacyPassError.BadLength, good[..^1]);
        AssertRefused(PrivacyPassError.BadLength, [.. good, 0]);
        AssertRefused(PrivacyPassError.UnknownTokenType, [0, 9, .. good[2..]]);
        AssertRefused(PrivacyPassError.UnknownKey, [0, 2, (byte)(good[2] ^ 1), .. good[3..]]);
        AssertRefused(PrivacyPassError.BadBlindedElement, [.. good[..3], .. new byte[256]]);
        AssertRefused(PrivacyPassError.BadBlindedElement, [.. good[..3], .. Enumerable.Repeat((byte)0xFF, 256)]);
    }

    [Fact]
    public static void The_client_names_what_is_wrong_with_an_answer()
    {
        PendingToken pending = Pending();
        Assert.True(IssuerKey().TryIssue(pending.TokenRequest.Span, out byte[]? good, out _));
        AssertRefused(PrivacyPassError.BadLength, []);
        AssertRefused(PrivacyPassError.BadLength, good[1..]);
        AssertRefused(PrivacyPassError.BadLength, [.. good, 0]);
        AssertRefused(PrivacyPassError.BadSignature, new byte[256]);
        AssertRefused(PrivacyPassError.BadSignature, [.. good[..255], (byte)(good[255] ^ 1)]);
        AssertRefused(PrivacyPassError.BadSignature, pending.TokenRequest.ToArray()[3..]);
        Assert.True(pending.TryFinalize(good, out _, out _));

        void AssertRefused(PrivacyPassError expected, byte[] response)
        {
            Assert.False(pending.TryFinalize(response, out Token? token, out PrivacyPassError error));
            Assert.Null(token);
            Assert.Equal(expected, error);
        }
    }

    [Fact]
    public static void An_answer_for_one_request_finishes_no_other()
    {
        PendingToken first = Pending(), second = Pending();
        Assert.True(IssuerKey().TryIssue(first.TokenRequest.Span, out byte[]? response, out _));
        Assert.False(second.TryFinalize(response, out _, out PrivacyPassError error));
        Assert.Equal(PrivacyPassError.BadSignature, error);
    }

    [Fact]
    public static void A_token_with_one_flipped_bit_does_not_verify()
    {
        byte[] encoded = Finish(Pending()).Encoded.ToArray();
        for (int bit = 0; bit < encoded.Length * 8; bit += 5)
        {
            encoded[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(Token.TryParse(encoded, out Token? token, out _) && IssuerKey().Verify(token));
            encoded[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public static void A_token_of_another_key_does_not_verify()
    {
        Assert.True(TokenPublicKey.TryParse(0x0002, IssuanceVectorTests.Flows()[0].Hex("pkS"), out TokenPublicKey? other, out _));
        Assert.True(Token.TryParse(IssuanceVectorTests.Flows()[0].Hex("token"), out Token? token, out _));
        Assert.True(other.Verify(token));
        Assert.False(IssuerKey().Verify(token));
    }

    [Fact]
    public static void A_challenge_of_another_type_gets_no_request()
    {
        TokenChallenge other = TokenChallenge.Create(0x0001, "issuer.example", [], "");
        Assert.False(PendingToken.TryCreate(IssuerKey().PublicKey, other, out _, out PrivacyPassError error));
        Assert.Equal(PrivacyPassError.WrongTokenType, error);
    }

    [Fact]
    public static void A_disposed_pending_token_is_of_no_more_use()
    {
        PendingToken pending = Pending();
        Assert.True(IssuerKey().TryIssue(pending.TokenRequest.Span, out byte[]? response, out _));
        pending.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pending.TryFinalize(response, out _, out _));
    }

    [Fact]
    public static void Only_the_exact_encoding_of_a_key_is_a_key()
    {
        byte[] spki = IssuerKey().PublicKey.Encoding.ToArray();
        AssertRefused(PrivacyPassError.UnknownTokenType, 0x0003, spki);
        AssertRefused(PrivacyPassError.BadKey, 0x0002, spki[..^1]);
        AssertRefused(PrivacyPassError.BadKey, 0x0002, [.. spki, 0]);
        AssertRefused(PrivacyPassError.BadKey, 0x0002, [.. spki[..^6], (byte)(spki[^6] & 0xFE), .. spki[^5..]]);
        int modulus = spki.Length - 256 - 5;
        for (int i = 0; i < spki.Length; i++)
        {
            bool insideModulus = i > modulus && i < spki.Length - 6;
            byte[] altered = [.. spki];
            altered[i] ^= 0x81;
            Assert.Equal(insideModulus, TokenPublicKey.TryParse(0x0002, altered, out _, out _));
        }

        static void AssertRefused(PrivacyPassError expected, ushort type, byte[] encoding)
        {
            Assert.False(TokenPublicKey.TryParse(type, encoding, out _, out PrivacyPassError error));
            Assert.Equal(expected, error);
        }
    }

    [Fact]
    public static void The_issuer_takes_no_key_of_another_size_or_type()
    {
        IssuerKey();
        Assert.ThrowsAny<CryptographicException>(() => TokenIssuerKey.Import(0x0002, Veil.Crypto.BlindSigningKey.GeneratePrivateKey(3072)));
        Assert.Throws<ArgumentException>(() => TokenIssuerKey.Import(0x0009, [1]));
    }

    private static void AssertRefused(PrivacyPassError expected, byte[] request)
    {
        Assert.False(IssuerKey().TryIssue(request, out byte[]? response, out PrivacyPassError error));
        Assert.Null(response);
        Assert.Equal(expected, error);
    }

    private static PendingToken Pending()
    {
        Assert.True(PendingToken.TryCreate(IssuerKey().PublicKey, Challenge, out PendingToken? pending, out _));
        return pending;
    }

    private static Token Finish(PendingToken pending)
    {
        Assert.True(IssuerKey().TryIssue(pending.TokenRequest.Span, out byte[]? response, out _));
        Assert.True(pending.TryFinalize(response, out Token? token, out _));
        return token;
    }

    private static TokenIssuerKey IssuerKey()
    {
        RsaBackends.SkipUnlessThisProcessSigns();
        return Issuer.Value;
    }
}
