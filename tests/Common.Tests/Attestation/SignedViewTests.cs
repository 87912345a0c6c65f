using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Veil.Attestation;

namespace Veil.Common.Tests.Attestation;

public sealed class SignedViewTests : IDisposable
{
    private const string Authority = "gateway.example";
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly byte[] Document = Encoding.UTF8.GetBytes("""{"v":1}""");

    private readonly X509Certificate2 _root;
    private readonly X509Certificate2Collection _roots;

    public SignedViewTests()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=root", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _root = request.CreateSelfSigned(Now.AddDays(-30), Now.AddDays(30));
        _roots = [_root];
    }

    public void Dispose() => _root.Dispose();

    [Theory]
    [InlineData("p256")]
    [InlineData("p384")]
    [InlineData("rsa2048")]
    public void A_view_opens_to_the_exact_document_that_was_signed(string keyKind)
    {
        using X509Certificate2 leaf = Leaf(keyKind);

        bool opened = SignedView.TryOpen(SignedView.Sign([leaf], Document), Authority, _roots, Now, out SignedView? view, out SignedViewError error);

        Assert.True(opened);
        Assert.Equal(SignedViewError.None, error);
        Assert.Equal(Document, view!.Document.ToArray());
    }

    [Fact]
    public void A_chain_with_an_intermediate_opens()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=intermediate", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 bare = request.Create(_root, Now.AddDays(-9), Now.AddDays(9), [9]);
        using X509Certificate2 intermediate = bare.CopyWithPrivateKey(key);
        using X509Certificate2 leaf = Leaf("p256", issuer: intermediate);

        Assert.Equal(SignedViewError.None, Open(SignedView.Sign([leaf, intermediate], Document)));
        Assert.Equal(SignedViewError.UntrustedChain, Open(SignedView.Sign([leaf], Document)));
    }

    [Fact]
    public void Every_proper_prefix_and_a_byte_too_many_are_refused()
    {
        using X509Certificate2 leaf = Leaf("p256");
        byte[] signed = SignedView.Sign([leaf], Document);
        for (int length = 0; length < signed.Length; length++)
        {
            Assert.NotEqual(SignedViewError.None, Open(signed[..length]));
        }

        Assert.Equal(SignedViewError.Malformed, Open([.. signed, 0]));
    }

    [Fact]
    public void One_flipped_bit_anywhere_is_refused()
    {
        using X509Certificate2 leaf = Leaf("p256");
        byte[] signed = SignedView.Sign([leaf], Document);
        for (int i = 0; i < signed.Length; i++)
        {
            byte[] changed = [.. signed];
            changed[i] ^= 0x10;
            Assert.NotEqual(SignedViewError.None, Open(changed));
        }
    }

    [Fact]
    public void A_signature_over_another_document_is_refused()
    {
        using X509Certificate2 leaf = Leaf("p256");
        byte[] signed = SignedView.Sign([leaf], Document);
        int start = signed.AsSpan().IndexOf(Document);
        signed[start + 5] = (byte)'2';

        Assert.Equal(SignedViewError.BadSignature, Open(signed));
    }

    [Fact]
    public void Another_name_root_or_time_is_refused_by_its_own_reason()
    {
        using X509Certificate2 leaf = Leaf("p256");
        byte[] signed = SignedView.Sign([leaf], Document);

        Assert.Equal(SignedViewError.WrongName, Open(signed, host: "other.example"));
        Assert.Equal(SignedViewError.UntrustedChain, Open(signed, now: Now.AddDays(20)));
        Assert.Equal(SignedViewError.UntrustedChain, Open(signed, now: Now.AddDays(-20)));
        using X509Certificate2 stranger = OtherRoot();
        Assert.False(SignedView.TryOpen(signed, Authority, [stranger], Now, out _, out SignedViewError error));
        Assert.Equal(SignedViewError.UntrustedChain, error);
    }

    [Fact]
    public void A_certificate_that_is_not_for_servers_signs_no_view()
    {
        using X509Certificate2 leaf = Leaf("p256", usage: "1.3.6.1.5.5.7.3.2");

        Assert.Equal(SignedViewError.UntrustedChain, Open(SignedView.Sign([leaf], Document)));
    }

    [Fact]
    public void An_address_matches_as_an_address()
    {
        using X509Certificate2 leaf = Leaf("p256");

        Assert.Equal(SignedViewError.None, Open(SignedView.Sign([leaf], Document), host: "127.0.0.1"));
    }

    [Fact]
    public void Too_many_certificates_or_a_huge_document_are_refused_before_they_are_read()
    {
        Assert.Equal(SignedViewError.TooLarge, Open([1, SignedView.MaxCertificates + 1]));
        using X509Certificate2 leaf = Leaf("p256");
        byte[] signed = SignedView.Sign([leaf], Document);
        int length = signed.AsSpan().IndexOf(Document) - 4;
        signed[length] = 0x7f;
        Assert.Equal(SignedViewError.TooLarge, Open(signed));
        Assert.Throws<ArgumentOutOfRangeException>(() => SignedView.Sign([leaf], new byte[SignedView.MaxDocumentSize + 1]));
        Assert.Throws<ArgumentException>(() => SignedView.Sign([], Document));
    }

    [Fact]
    public void Any_bytes_are_opened_or_refused_without_throwing() =>
        Prop.ForAll<byte[]>(bytes => Open([1, 1, .. bytes]) is not SignedViewError.None && Open(bytes) is not SignedViewError.None)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(42, 43));

    private SignedViewError Open(byte[] signed, string host = Authority, DateTimeOffset? now = null)
    {
        SignedView.TryOpen(signed, host, _roots, now ?? Now, out _, out SignedViewError error);
        return error;
    }

    private X509Certificate2 Leaf(string keyKind, X509Certificate2? issuer = null, string usage = "1.3.6.1.5.5.7.3.1")
    {
        issuer ??= _root;
        using RSA? rsa = keyKind is "rsa2048" ? RSA.Create(2048) : null;
        using ECDsa? ecdsa = rsa is not null ? null : ECDsa.Create(keyKind is "p384" ? ECCurve.NamedCurves.nistP384 : ECCurve.NamedCurves.nistP256);
        CertificateRequest request = rsa is not null
            ? new("CN=gateway", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new("CN=gateway", ecdsa!, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Authority);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        using ECDsa issuerKey = issuer.GetECDsaPrivateKey()!;
        X509SignatureGenerator generator = X509SignatureGenerator.CreateForECDsa(issuerKey);
        using X509Certificate2 bare = request.Create(issuer.SubjectName, generator, Now.AddDays(-5), Now.AddDays(5), [1, 2, 3]);
        return rsa is not null ? bare.CopyWithPrivateKey(rsa) : bare.CopyWithPrivateKey(ecdsa!);
    }

    private static X509Certificate2 OtherRoot()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=other root", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(Now.AddDays(-30), Now.AddDays(30));
    }
}
