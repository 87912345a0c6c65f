using FsCheck;
using FsCheck.Fluent;
using Veil.PrivacyPass;

namespace Veil.Common.Tests.PrivacyPass;

public static class PaddedBase64UrlTests
{
    [Fact]
    public static void What_is_encoded_is_decoded() =>
        Prop.ForAll<byte[]>(bytes => PaddedBase64Url.TryDecode(PaddedBase64Url.Encode(bytes), out byte[]? decoded) && decoded.AsSpan().SequenceEqual(bytes))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(42, 43));

    [Fact]
    public static void What_is_decoded_has_no_second_spelling() =>
        Prop.ForAll<string>(text => !PaddedBase64Url.TryDecode(text, out byte[]? decoded) || PaddedBase64Url.Encode(decoded) == text)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(42, 43));

    [Theory]
    [InlineData("AA")]
    [InlineData("AAA")]
    [InlineData("A===")]
    [InlineData("AA=")]
    [InlineData("====")]
    [InlineData("AAAA====")]
    [InlineData("AB==")]
    [InlineData("AAB=")]
    [InlineData("A+A/")]
    [InlineData("AA A")]
    [InlineData("AA==AA==")]
    [InlineData("AAAA\n\n\n\n")]
    [InlineData(" AA=")]
    public static void Any_other_form_is_refused(string text) => Assert.False(PaddedBase64Url.TryDecode(text, out _));
}
