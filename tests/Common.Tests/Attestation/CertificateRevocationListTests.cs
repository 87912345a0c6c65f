using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Veil.Attestation;

namespace Veil.Common.Tests.Attestation;

public static class CertificateRevocationListTests
{
    private static readonly DateTimeOffset Start = new(2025, 6, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly ECDsa AuthorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly X509Certificate2 Authority = MakeAuthority("CN=authority", AuthorityKey, X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign);

    public static TheoryData<string, string> RealLists => new()
    {
        { "amd/crl/crl-milan.der", "roots/ark-milan.der" },
        { "amd/crl/crl-genoa.der", "roots/ark-genoa.der" },
        { "intel/collateral/tdx-90c06f000000-2026-02/root_ca_crl.der", "roots/intel-sgx-root-ca.der" },
        { "intel/collateral/tdx-90c06f000000-2026-02/pck_crl.der", "intermediates/intel-pck-platform-ca.der" },
        { "intel/collateral/sgx-00a067110000-2025-06/pck_crl.der", "intermediates/intel-pck-processor-ca.der" },
    };

    [Theory]
    [MemberData(nameof(RealLists))]
    public static void Lists_of_AMD_and_Intel_are_their_issuers_and_nobody_elses(string list, string issuer)
    {
        CertificateRevocationList parsed = Parse(ForeignEvidence.ReadShared(list));
        foreach ((string _, string authority) in RealLists.Select(row => row.Data))
            Assert.Equal(authority == issuer, parsed.IsIssuedBy(ParseCertificate(ForeignEvidence.ReadShared(authority)), new()));
    }

    [Fact]
    public static void The_list_of_Genoa_names_the_intermediate_that_was_replaced_and_not_the_one_in_use()
    {
        CertificateRevocationList list = Parse(ForeignEvidence.ReadShared("amd/crl/crl-genoa.der"));
        Assert.Equal(1, list.Count);
        Assert.Equal(new(2024, 10, 23, 4, 36, 24, TimeSpan.Zero), list.ThisUpdate);
        Assert.Equal(new(2025, 11, 3, 1, 0, 0, TimeSpan.Zero), list.NextUpdate);
        Assert.False(list.Lists(ParseCertificate(ForeignEvidence.ReadShared("intermediates/ask-genoa.der"))));
        Assert.Equal(0, Parse(ForeignEvidence.ReadShared("amd/crl/crl-milan.der")).Count);
    }

    [Theory]
    [MemberData(nameof(RealLists))]
    public static void Every_truncation_of_a_real_list_is_refused_and_no_flipped_bit_stays_signed(string list, string issuer)
    {
        byte[] der = ForeignEvidence.ReadShared(list);
        ParsedCertificate authority = ParseCertificate(ForeignEvidence.ReadShared(issuer));
        for (int size = 0; size < der.Length; size++)
            Assert.False(CertificateRevocationList.TryParse(der.AsMemory(0, size), out _));
        Assert.False(CertificateRevocationList.TryParse((byte[])[.. der, 0], out _));

        var random = new Random(5);
        for (int i = 0; i < 200; i++)
        {
            byte[] flipped = [.. der];
            flipped[random.Next(der.Length)] ^= (byte)(1 << random.Next(8));
            Assert.False(CertificateRevocationList.TryParse(flipped, out CertificateRevocationList? parsed) && parsed.IsIssuedBy(authority, new()));
        }
    }

    [Fact]
    public static void A_listed_serial_number_is_found_whatever_its_first_bit()
    {
        var builder = new CertificateRevocationListBuilder();
        builder.AddEntry([0x7F, 1], Start, X509RevocationReason.KeyCompromise);
        builder.AddEntry([0x00, 0x80, 2], Start);
        CertificateRevocationList list = Parse(Build(builder));
        Assert.True(list.Lists(Issued([0x7F, 1])));
        Assert.True(list.Lists(Issued([0x80, 2])));
        Assert.False(list.Lists(Issued([0x7F])));
        Assert.False(list.Lists(Issued([0x7F, 1, 0])));
        Assert.True(list.IsIssuedBy(ParseCertificate(Authority.RawData), new()));
    }

    [Fact]
    public static void It_is_current_between_its_updates()
    {
        CertificateRevocationList list = Parse(Build(new()));
        Assert.True(list.IsCurrentAt(Start));
        Assert.False(list.IsCurrentAt(Start.AddSeconds(-1)));
        Assert.True(list.IsCurrentAt(Start.AddDays(30)));
        Assert.False(list.IsCurrentAt(Start.AddDays(30).AddSeconds(1)));
    }

    [Fact]
    public static void Another_key_under_the_same_name_or_one_that_may_not_sign_lists_did_not_issue_it()
    {
        CertificateRevocationList list = Parse(Build(new()));
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 namesake = MakeAuthority("CN=authority", other, X509KeyUsageFlags.CrlSign);
        using X509Certificate2 otherName = MakeAuthority("CN=other", AuthorityKey, X509KeyUsageFlags.CrlSign);
        using X509Certificate2 unusable = MakeAuthority("CN=authority", AuthorityKey, X509KeyUsageFlags.KeyCertSign);
        Assert.All([namesake, otherName, unusable], certificate => Assert.False(list.IsIssuedBy(ParseCertificate(certificate.RawData), new())));
    }

    [Theory]
    [InlineData(false, false, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    public static void A_critical_extension_as_of_a_delta_and_a_doubled_one_are_refused(bool critical, bool doubled, bool accepted)
    {
        var original = new AsnReader(Build(new()), AsnEncodingRules.DER).ReadSequence();
        var tbs = new AsnReader(original.ReadEncodedValue(), AsnEncodingRules.DER).ReadSequence();
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                for (int field = 0; field < 5; field++)
                    writer.WriteEncodedValue(tbs.ReadEncodedValue().Span);
                using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
                using (writer.PushSequence())
                {
                    WriteExtension(writer, critical);
                    if (doubled)
                        WriteExtension(writer, critical);
                }
            }

            writer.WriteEncodedValue(original.ReadEncodedValue().Span);
            writer.WriteEncodedValue(original.ReadEncodedValue().Span);
        }

        Assert.Equal(accepted, CertificateRevocationList.TryParse(writer.Encode(), out _));
    }

    [Fact]
    public static void More_than_the_longest_size_is_refused() => Assert.False(CertificateRevocationList.TryParse(new byte[CertificateRevocationList.MaxSize + 1], out _));

    private static void WriteExtension(AsnWriter writer, bool critical)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier("2.5.29.27");
            if (critical)
                writer.WriteBoolean(true);
            writer.WriteOctetString([0x02, 0x01, 0x01]);
        }
    }

    private static byte[] Build(CertificateRevocationListBuilder builder) =>
        builder.Build(Authority, 7, Start.AddDays(30), HashAlgorithmName.SHA256, thisUpdate: Start);

    private static ParsedCertificate Issued(byte[] serial)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = new CertificateRequest("CN=issued", key, HashAlgorithmName.SHA256).Create(Authority, Start, Start.AddDays(1), serial);
        return ParseCertificate(certificate.RawData);
    }

    private static X509Certificate2 MakeAuthority(string name, ECDsa key, X509KeyUsageFlags uses)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(uses, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request.CreateSelfSigned(Start, Start.AddYears(1));
    }

    private static CertificateRevocationList Parse(byte[] der) =>
        CertificateRevocationList.TryParse(der, out CertificateRevocationList? list) ? list : throw new InvalidOperationException("The list was refused.");

    private static ParsedCertificate ParseCertificate(byte[] der) =>
        ParsedCertificate.TryParse(der, out ParsedCertificate? certificate) ? certificate : throw new InvalidOperationException("The certificate was refused.");
}
