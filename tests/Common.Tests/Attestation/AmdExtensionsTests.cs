using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Veil.Attestation;
using Veil.Attestation.Snp;

namespace Veil.Common.Tests.Attestation;

public static class AmdExtensionsTests
{
    private const string Prefix = "1.3.6.1.4.1.3704.1";

    private static readonly Dictionary<string, byte[]> Complete = new()
    {
        [".2"] = [0x16, 0x08, .. "Milan-B0"u8],
        [".3.1"] = [0x02, 0x01, 0x04],
        [".3.2"] = [0x02, 0x01, 0x00],
        [".3.3"] = [0x02, 0x01, 0x18],
        [".3.8"] = [0x02, 0x02, 0x00, 0xDB],
        [".4"] = HostClaimsTests.Filled(64, 0x02),
    };

    [Fact]
    public static void A_VCEKs_extensions_read_as_they_are()
    {
        AmdExtensions? extensions = Read(Complete, ProductLine.Milan);
        Assert.NotNull(extensions);
        Assert.Equal("Milan-B0", extensions.ProductName);
        Assert.Equal(new TcbVersion(0, 4, 0, 24, 219), extensions.Tcb);
        Assert.Equal(HostClaimsTests.Filled(64, 0x02), extensions.HardwareId);
        Assert.Null(extensions.Provider);
    }

    [Theory]
    [InlineData(64, 64)]
    [InlineData(8, 8)]
    public static void A_hardware_id_is_raw_or_wrapped_by_its_length_and_not_by_its_first_byte(int size, int significant)
    {
        foreach (byte first in new byte[] { 0x02, 0x04, 0x30 })
        {
            byte[] id = HostClaimsTests.Filled(size, first);
            byte[] padded = [.. id, .. new byte[64 - significant]];
            Assert.Equal(padded, Read(With(".4", id), ProductLine.Milan)?.HardwareId);
            Assert.Equal(padded, Read(With(".4", [0x04, (byte)size, .. id]), ProductLine.Milan)?.HardwareId);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(63)]
    [InlineData(65)]
    [InlineData(66)]
    public static void A_hardware_id_of_another_form_is_refused(int size) => Assert.Null(Read(With(".4", HostClaimsTests.Filled(size, 0x05)), ProductLine.Milan));

    [Theory]
    [InlineData(".2")]
    [InlineData(".3.1")]
    [InlineData(".3.2")]
    [InlineData(".3.3")]
    [InlineData(".3.8")]
    public static void A_missing_or_malformed_extension_is_refused(string suffix)
    {
        Assert.Null(Read(Complete.Where(pair => pair.Key != suffix).ToDictionary(), ProductLine.Milan));
        Assert.Null(Read(With(suffix, []), ProductLine.Milan));
        Assert.Null(Read(With(suffix, [.. Complete[suffix], 0x00]), ProductLine.Milan));
        Assert.Null(Read(With(suffix, [0x02, 0x02, 0x01, 0x00]), ProductLine.Milan));
        Assert.Null(Read(With(suffix, [0x02, 0x01, 0x80]), ProductLine.Milan));
    }

    [Fact]
    public static void Turin_needs_its_first_movers_level()
    {
        Assert.Null(Read(Complete, ProductLine.Turin));
        Assert.Equal<byte?>(5, Read(With(".3.9", [0x02, 0x01, 0x05]), ProductLine.Turin)?.Tcb.Fmc);
    }

    [Fact]
    public static void A_VLEK_names_its_provider()
    {
        Dictionary<string, byte[]> vlek = Complete.Where(pair => pair.Key != ".4").ToDictionary();
        vlek[".5"] = [0x16, 0x04, .. "CN=x"u8];
        AmdExtensions? extensions = Read(vlek, ProductLine.Milan);
        Assert.Equal("CN=x", extensions?.Provider);
        Assert.Null(extensions?.HardwareId);
    }

    private static Dictionary<string, byte[]> With(string suffix, byte[] value) => new(Complete) { [suffix] = value };

    private static AmdExtensions? Read(Dictionary<string, byte[]> extensions, ProductLine product)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var request = new CertificateRequest("CN=SEV-VCEK", key, HashAlgorithmName.SHA384);
        foreach ((string suffix, byte[] value) in extensions)
            request.CertificateExtensions.Add(new X509Extension(Prefix + suffix, value, critical: false));
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(1));
        Assert.True(ParsedCertificate.TryParse(certificate.RawDataMemory, out ParsedCertificate? parsed));
        return AmdExtensions.TryRead(parsed, product, out AmdExtensions? found) ? found : null;
    }
}
