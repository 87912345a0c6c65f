using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Veil.Proofs.Issuer;

namespace Veil.Issuer.Tests;

public class RedemptionRequestTests
{
    [Fact]
    public void Any_bytes_are_parsed_or_refused_without_throwing() =>
        Prop.ForAll<byte[]>(bytes => RedemptionRequest.TryParse((byte[])bytes.Clone(), 10, out _, out RedemptionRequestError error) == (error is RedemptionRequestError.None))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(42, 43));

    [Fact]
    public void What_was_written_is_read() =>
        Prop.ForAll<byte[][]>(tokens =>
        {
            (byte[], byte[])[] redemptions = [.. tokens.Select(token => (token, IssuerClient.NewId()))];
            byte[] body = Encoding.UTF8.GetBytes(IssuerClient.RedemptionBody(redemptions));
            bool parsed = RedemptionRequest.TryParse(body, 1000, out List<PresentedToken>? items, out _);
            return parsed == tokens.Length > 0
                && (!parsed || items!.Select(item => (Hex(item.Token), Hex(item.RedemptionId))).SequenceEqual(redemptions.Select(item => (Hex(item.Item1), Hex(item.Item2)))));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithReplay(42, 43));

    [Theory]
    [InlineData("AQ=")]
    [InlineData("AQ===")]
    [InlineData("A")]
    [InlineData("AQ=A")]
    public void Text_that_is_not_base64url_is_refused(string text)
    {
        byte[] body = Encoding.UTF8.GetBytes($$"""{"redemptions":[{"token":"{{text}}","redemption_id":"AAAAAAAAAAAAAAAAAAAAAA"}]}""");
        Assert.False(RedemptionRequest.TryParse(body, 10, out _, out RedemptionRequestError error));
        Assert.Equal(RedemptionRequestError.Malformed, error);
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        byte[] body = Encoding.UTF8.GetBytes(IssuerClient.RedemptionBody([(new byte[354], IssuerClient.NewId()), (new byte[354], IssuerClient.NewId())]));
        for (int size = 0; size < body.Length; size++)
        {
            Assert.False(RedemptionRequest.TryParse(body.AsSpan(0, size).ToArray(), 10, out _, out _));
        }

        Assert.True(RedemptionRequest.TryParse((byte[])body.Clone(), 10, out _, out _));
    }

    private static string Hex(ReadOnlyMemory<byte> bytes) => Convert.ToHexString(bytes.Span);
}
