using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FsCheck;
using FsCheck.Fluent;
using Veil.Attestation;

namespace Veil.Common.Tests.Attestation;

public static class ParsedCertificateTests
{
    private static readonly DateTimeOffset Start = new(2049, 6, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public static void The_fields_are_those_that_the_platform_reads()
    {
        using X509Certificate2 certificate = Certificate();
        Assert.True(ParsedCertificate.TryParse(certificate.RawDataMemory, out ParsedCertificate? parsed));
        Assert.Equal("test", parsed.CommonName);
        Assert.Equal(certificate.SubjectName.RawData, parsed.Subject.ToArray());
        Assert.Equal(certificate.IssuerName.RawData, parsed.Issuer.ToArray());
        Assert.Equal(certificate.NotBefore.ToUniversalTime(), parsed.NotBefore.UtcDateTime);
        Assert.Equal(certificate.NotAfter.ToUniversalTime(), parsed.NotAfter.UtcDateTime);
        Assert.Equal(certificate.PublicKey.ExportSubjectPublicKeyInfo(), parsed.Spki.ToArray());
        Assert.True(parsed.IsAuthority);
        Assert.False(parsed.HasUnknownCriticalExtension);
        Assert.True(parsed.IsValidAt(Start));
        Assert.False(parsed.IsValidAt(Start.AddSeconds(-1)));
        Assert.True(parsed.IsValidAt(Start.AddYears(2)));
        Assert.False(parsed.IsValidAt(Start.AddYears(2).AddSeconds(1)));
    }

    [Fact]
    public static void A_critical_extension_that_nobody_here_knows_is_noticed()
    {
        using X509Certificate2 certificate = Certificate(new X509Extension("1.2.3.4", [5, 0], critical: true));
        Assert.True(ParsedCertificate.TryParse(certificate.RawDataMemory, out ParsedCertificate? parsed));
        Assert.True(parsed.HasUnknownCriticalExtension);
    }

    [Fact]
    public static void An_extension_that_appears_twice_is_refused()
    {
        using X509Certificate2 certificate = Certificate(new X509Extension("1.2.3.4", [5, 0], critical: false), new X509Extension("1.2.3.5", [5, 0], critical: false));
        Assert.True(ParsedCertificate.TryParse(certificate.RawDataMemory, out _));
        byte[] doubled = certificate.RawData;
        int second = doubled.AsSpan().IndexOf<byte>([0x06, 0x03, 0x2A, 0x03, 0x05]);
        doubled[second + 4] = 4;
        Assert.False(ParsedCertificate.TryParse(doubled, out _));
    }

    [Fact]
    public static void Two_common_names_count_as_none()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = new CertificateRequest("CN=a,CN=b", key, HashAlgorithmName.SHA256).CreateSelfSigned(Start, Start.AddYears(1));
        Assert.True(ParsedCertificate.TryParse(certificate.RawDataMemory, out ParsedCertificate? parsed));
        Assert.Empty(parsed.CommonName);
    }

    [Fact]
    public static void Every_proper_prefix_and_trailing_bytes_are_refused()
    {
        using X509Certificate2 certificate = Certificate();
        byte[] der = certificate.RawData;
        for (int cut = 0; cut < der.Length; cut++)
            Assert.False(ParsedCertificate.TryParse(der.AsMemory(0, cut), out _));
        Assert.False(ParsedCertificate.TryParse((byte[])[.. der, 0], out _));
    }

    [Fact]
    public static void A_certificate_beyond_the_limit_is_refused()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteOctetString(new byte[ParsedCertificate.MaxSize]);
        Assert.False(ParsedCertificate.TryParse(writer.Encode(), out _));
    }

    [Fact]
    public static void Any_bytes_are_parsed_or_refused_without_throwing()
    {
        using X509Certificate2 certificate = Certificate();
        byte[] der = certificate.RawData;
        Prop.ForAll<int, byte>((seed, value) =>
            {
                byte[] changed = [.. der];
                changed[(seed & int.MaxValue) % der.Length] = value;
                return ParsedCertificate.TryParse(changed, out ParsedCertificate? parsed) == (parsed is { IsAuthority: true or false });
            })
            .Check(Config.QuickThrowOnFailure.WithMaxTest(3000).WithReplay(42, 43));
        Prop.ForAll<byte[]>(bytes => !ParsedCertificate.TryParse(bytes, out _)).Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(42, 43));
    }

    private static X509Certificate2 Certificate(params X509Extension[] extensions)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test,O=Example", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        foreach (X509Extension extension in extensions)
            request.CertificateExtensions.Add(extension);
        return request.CreateSelfSigned(Start, Start.AddYears(2));
    }
}
