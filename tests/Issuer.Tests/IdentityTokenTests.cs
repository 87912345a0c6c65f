using System.Buffers.Text;
using System.Text;

namespace Veil.Issuer.Tests;

public sealed class IdentityTokenTests
{
    private static readonly byte[] Header = Encoding.ASCII.GetBytes("{\"alg\":\"RS256\",\"kid\":\"first\"}");

    [Fact]
    public void Claims_are_read_whole_before_a_token_is_let_through()
    {
        Assert.True(IdentityToken.TryRead(Token(Header, "{\"iss\":\"a\",\"sub\":\"b\",\"groups\":[\"c\",1]}"u8), out _));
        Assert.False(IdentityToken.TryRead(Token(Header, [.. "{\"iss\":\"a\",\"sub\":\"b\",\"groups\":[\""u8, 0xFF, .. "\"]}"u8]), out _));
        Assert.False(IdentityToken.TryRead(Token(Header, "{\"iss\":\"a\",\"sub\":\"b\",\"groups\":[\"\\ud800\"]}"u8), out _));
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        string token = Token(Header, "{\"iss\":\"a\",\"sub\":\"b\"}"u8);
        int second = token.LastIndexOf('.');
        for (int length = 0; length <= second; length++)
        {
            Assert.False(IdentityToken.TryRead(token[..length], out _));
        }
    }

    private static string Token(ReadOnlySpan<byte> header, ReadOnlySpan<byte> claims) =>
        $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(claims)}.{Base64Url.EncodeToString("signature"u8)}";
}
