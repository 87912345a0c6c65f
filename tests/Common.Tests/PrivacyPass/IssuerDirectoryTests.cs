using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Veil.PrivacyPass;

namespace Veil.Common.Tests.PrivacyPass;

public static class IssuerDirectoryTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    [Fact]
    public static void A_written_directory_is_read_again_byte_for_byte()
    {
        var directory = new IssuerDirectory("/token-request", [new(0x0002, Spki(), Now), new(0x0002, Spki(), null), new(0x1132, new byte[] { 7 }, null)]);
        byte[] document = directory.Write();
        Assert.True(IssuerDirectory.TryParse(document, out IssuerDirectory? read, out _));
        Assert.Equal(document, read.Write());
        Assert.Equal("/token-request", read.IssuerRequestUri);
        Assert.Equal(3, read.TokenKeys.Count);
        Assert.Equal(Now, read.TokenKeys[0].NotBefore);
        Assert.Null(read.TokenKeys[1].NotBefore);
    }

    [Fact]
    public static void The_example_of_the_RFC_is_read()
    {
        byte[] document = Encoding.UTF8.GetBytes($$"""
            {
              "issuer-request-uri": "https://issuer.example.net/request",
              "token-keys": [
                { "token-type": 2, "token-key": "{{PaddedBase64Url.Encode(Spki())}}", "not-before": 1686913811 },
                { "token-type": 2, "token-key": "{{PaddedBase64Url.Encode(Spki())}}" }
              ],
              "extension": {"ignored": true}
            }
            """);
        Assert.True(IssuerDirectory.TryParse(document, out IssuerDirectory? directory, out _));
        Assert.True(directory.TryFindUsable(0x0002, Now, out TokenPublicKey? key, out _));
        Assert.Equal(Spki(), key.Encoding);
    }

    [Fact]
    public static void A_client_takes_the_first_key_of_the_type_that_may_be_used_now()
    {
        byte[] first = [.. Spki()], second = [.. Spki()];
        second[200] ^= 4;
        var directory = new IssuerDirectory("/r", [new(0x1132, first, null), new(0x0002, first, Now), new(0x0002, second, null)]);
        AssertFinds(second, Now.AddSeconds(-1));
        AssertFinds(first, Now);
        AssertFinds(first, Now.AddDays(1));

        void AssertFinds(byte[] expected, DateTimeOffset now)
        {
            Assert.True(directory.TryFindUsable(0x0002, now, out TokenPublicKey? key, out _));
            Assert.Equal(expected, key.Encoding);
        }
    }

    [Fact]
    public static void A_bad_first_key_is_an_error_and_not_passed_over()
    {
        var directory = new IssuerDirectory("/r", [new(0x0002, new byte[] { 1 }, null), new(0x0002, Spki(), null)]);
        Assert.False(directory.TryFindUsable(0x0002, Now, out _, out PrivacyPassError error));
        Assert.Equal(PrivacyPassError.BadKey, error);
    }

    [Fact]
    public static void Without_a_key_that_may_be_used_there_is_none()
    {
        var directory = new IssuerDirectory("/r", [new(0x0002, Spki(), Now)]);
        Assert.False(directory.TryFindUsable(0x0002, Now.AddSeconds(-1), out _, out PrivacyPassError error));
        Assert.Equal(PrivacyPassError.NoUsableKey, error);
        Assert.False(directory.TryFindUsable(0x0001, Now, out _, out error));
        Assert.Equal(PrivacyPassError.NoUsableKey, error);
    }

    [Fact]
    public static void More_keys_than_a_client_accepts_are_refused_on_both_sides()
    {
        IssuerDirectoryKey[] four = [.. Enumerable.Repeat(new IssuerDirectoryKey(0x0002, Spki(), null), 4)];
        Assert.Throws<ArgumentException>(() => new IssuerDirectory("/r", four));
        byte[] document = new IssuerDirectory("/r", four[..3]).Write();
        string longer = Encoding.UTF8.GetString(document).Replace("[{", $"[{{\"token-type\":2,\"token-key\":\"{PaddedBase64Url.Encode(Spki())}\"}},{{", StringComparison.Ordinal);
        Assert.False(IssuerDirectory.TryParse(Encoding.UTF8.GetBytes(longer), out _, out PrivacyPassError error));
        Assert.Equal(PrivacyPassError.TooManyKeys, error);

        string many = string.Join(',', Enumerable.Range(100, 17).Select(type => $"{{\"token-type\":{type},\"token-key\":\"\"}}"));
        Assert.False(IssuerDirectory.TryParse(Encoding.UTF8.GetBytes($"{{\"issuer-request-uri\":\"/r\",\"token-keys\":[{many}]}}"), out _, out error));
        Assert.Equal(PrivacyPassError.TooManyKeys, error);
    }

    [Theory]
    [InlineData("", PrivacyPassError.BadDirectory)]
    [InlineData("[]", PrivacyPassError.BadDirectory)]
    [InlineData("null", PrivacyPassError.BadDirectory)]
    [InlineData("{}", PrivacyPassError.BadDirectory)]
    [InlineData("""{"token-keys":[]}""", PrivacyPassError.BadDirectory)]
    [InlineData("""{"issuer-request-uri":"/r"}""", PrivacyPassError.BadDirectory)]
    [InlineData("""{"issuer-request-uri":"","token-keys":[]}""", PrivacyPassError.BadDirectory)]
    [InlineData("""{"issuer-request-uri":"http://issuer.example/r","token-keys":[]}""", PrivacyPassError.BadDirectory)]
    [InlineData("""{"issuer-request-uri":"javascript:1","token-keys":[]}""", PrivacyPassError.BadDirectory)]
    [InlineData("""{"issuer-request-uri":"\ud800","token-keys":[]}""", PrivacyPassError.BadDirectory)]
    [InlineData("""{"issuer-request-uri":7,"token-keys":[]}""", PrivacyPassError.BadDirectory)]
    [InlineData("""{"issuer-request-uri":"/r","issuer-request-uri":"/s","token-keys":[]}""", PrivacyPassError.BadDirectory)]
    [InlineData("""{"issuer-request-uri":"/r","token-keys":[]} x""", PrivacyPassError.BadDirectory)]
    [InlineData("""{"issuer-request-uri":"/r","token-keys":[7]}""", PrivacyPassError.BadDirectory)]
    [InlineData("""{"issuer-request-uri":"/r","token-keys":[{"token-type":2}]}""", PrivacyPassError.BadDirectory)]
    [InlineData("""{"issuer-request-uri":"/r","token-keys":[{"token-type":"2","token-key":""}]}""", PrivacyPassError.BadDirectory)]
    [InlineData("""{"issuer-request-uri":"/r","token-keys":[{"token-type":65536,"token-key":""}]}""", PrivacyPassError.BadDirectory)]
    [InlineData("""{"issuer-request-uri":"/r","token-keys":[{"token-type":2,"token-key":"","not-before":-1}]}""", PrivacyPassError.BadDirectory)]
    [InlineData("""{"issuer-request-uri":"/r","token-keys":[{"token-type":2,"token-key":"","not-before":1e3}]}""", PrivacyPassError.BadDirectory)]
    [InlineData("""{"issuer-request-uri":"/r","token-keys":[{"token-type":2,"token-key":"","not-before":9223372036854775807}]}""", PrivacyPassError.BadDirectory)]
    [InlineData("""{"issuer-request-uri":"/r","token-keys":[{"token-type":2,"token-key":"AA"}]}""", PrivacyPassError.BadBase64)]
    [InlineData("""{"issuer-request-uri":"/r","token-keys":[{"token-type":2,"token-key":"A+=="}]}""", PrivacyPassError.BadBase64)]
    public static void A_bad_document_is_refused_for_its_reason(string document, PrivacyPassError expected)
    {
        Assert.False(IssuerDirectory.TryParse(Encoding.UTF8.GetBytes(document), out _, out PrivacyPassError error));
        Assert.Equal(expected, error);
    }

    [Fact]
    public static void A_document_over_the_limit_is_refused_unread()
    {
        byte[] document = new IssuerDirectory("/r", []).Write();
        byte[] padded = [.. document, .. Enumerable.Repeat((byte)' ', IssuerDirectory.MaxSize - document.Length)];
        Assert.True(IssuerDirectory.TryParse(padded, out _, out _));
        Assert.False(IssuerDirectory.TryParse((byte[])[.. padded, (byte)' '], out _, out _));
    }

    [Theory]
    [InlineData("/token-request", "https://issuer.example/token-request")]
    [InlineData("token-request", "https://issuer.example/.well-known/token-request")]
    [InlineData("https://other.example/r", "https://other.example/r")]
    [InlineData("//other.example/r", "https://other.example/r")]
    public static void The_request_uri_resolves_against_the_directorys_own(string reference, string expected)
    {
        var directory = new IssuerDirectory(reference, []);
        Assert.True(directory.TryResolveRequestUri(new Uri("https://issuer.example" + IssuerDirectory.WellKnownPath), out Uri? uri));
        Assert.Equal(expected, uri.AbsoluteUri);
    }

    [Fact]
    public static void A_request_uri_that_leaves_https_is_refused() =>
        Assert.False(new IssuerDirectory("/r", []).TryResolveRequestUri(new Uri("http://issuer.example/"), out _));

    [Fact]
    public static void Any_bytes_and_every_truncation_parse_or_are_refused()
    {
        Prop.ForAll<byte[]>(bytes => IssuerDirectory.TryParse(bytes, out _, out PrivacyPassError error) == (error is PrivacyPassError.None))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(42, 43));
        byte[] whole = new IssuerDirectory("/r", [new(0x0002, Spki(), Now)]).Write();
        for (int length = 0; length < whole.Length; length++)
            Assert.False(IssuerDirectory.TryParse(whole.AsMemory(0, length), out _, out _));
    }

    private static byte[] Spki() => IssuanceVectorTests.Flows()[0].Hex("pkS");
}
