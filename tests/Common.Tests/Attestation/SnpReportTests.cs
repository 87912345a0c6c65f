using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using Veil.Attestation;
using Veil.Attestation.Snp;

namespace Veil.Common.Tests.Attestation;

public static class SnpReportTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public static void Known_versions_parse(uint version) => Assert.Equal(AttestationError.None, Parse(Report(version)));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(uint.MaxValue)]
    public static void Other_versions_are_refused(uint version) => Assert.Equal(AttestationError.UnsupportedVersion, Parse(Report(version)));

    [Fact]
    public static void Every_other_length_is_refused()
    {
        byte[] report = Report(3);
        for (int size = 0; size < report.Length; size++)
            Assert.Equal(AttestationError.BadLength, Parse(report[..size]));
        Assert.Equal(AttestationError.BadLength, Parse([.. report, 0]));
    }

    [Theory]
    [InlineData(0x34, AttestationError.UnsupportedSignatureAlgorithm)]
    [InlineData(0x0F, AttestationError.ReservedNotZero)]
    [InlineData(0x48, AttestationError.ReservedNotZero)]
    [InlineData(0x4C, AttestationError.ReservedNotZero)]
    [InlineData(0x18B, AttestationError.ReservedNotZero)]
    [InlineData(0x19F, AttestationError.ReservedNotZero)]
    [InlineData(0x1EB, AttestationError.ReservedNotZero)]
    [InlineData(0x1EF, AttestationError.ReservedNotZero)]
    [InlineData(0x1F8, AttestationError.ReservedNotZero)]
    [InlineData(0x207, AttestationError.ReservedNotZero)]
    [InlineData(0x208, AttestationError.ReservedNotZero)]
    [InlineData(0x29F, AttestationError.ReservedNotZero)]
    [InlineData(0x2A0 + 48, AttestationError.ReservedNotZero)]
    [InlineData(0x2E8 + 48, AttestationError.ReservedNotZero)]
    [InlineData(0x330, AttestationError.ReservedNotZero)]
    [InlineData(0x49F, AttestationError.ReservedNotZero)]
    [InlineData(0x30, AttestationError.NotRequestedByGuest)]
    public static void A_set_bit_where_none_may_be_is_refused(int position, AttestationError expected)
    {
        byte[] report = Report(3);
        report[position] |= 0x80;
        Assert.Equal(expected, Parse(report));
    }

    [Fact]
    public static void Mitigation_vectors_belong_to_version_5_and_processor_ids_to_version_3()
    {
        byte[] report = Report(5);
        report.AsSpan(0x1F8, 16).Fill(0x0B);
        report[0x188] = 0x19;
        Assert.Equal(AttestationError.None, Parse(report));
        report[0] = 2;
        report.AsSpan(0x1F8, 16).Clear();
        Assert.Equal(AttestationError.ReservedNotZero, Parse(report));
    }

    [Fact]
    public static void A_policy_without_its_constant_bit_is_refused()
    {
        byte[] report = Report(3);
        report[0x00A] = 0;
        Assert.Equal(AttestationError.BadGuestPolicy, Parse(report));
    }

    [Fact]
    public static void The_product_line_follows_family_and_model_and_is_never_assumed()
    {
        Assert.Equal(ProductLine.Milan, Product(3, 0x19, 0x01));
        Assert.Equal(ProductLine.Genoa, Product(3, 0x19, 0x11));
        Assert.Equal(ProductLine.Genoa, Product(4, 0x19, 0xA0));
        Assert.Equal(ProductLine.Turin, Product(5, 0x1A, 0x02));
        Assert.Equal(ProductLine.Unknown, Product(3, 0x19, 0x20));
        Assert.Equal(ProductLine.Unknown, Product(3, 0x1A, 0x50));
        Assert.Equal(ProductLine.Unknown, Product(3, 0, 0));
        Assert.Equal(ProductLine.Unknown, Product(2, 0, 0));
    }

    [Fact]
    public static void The_signature_turns_from_little_endian_into_two_big_endian_halves()
    {
        byte[] report = Report(3);
        report[0x2A0] = 1;
        report[0x2A0 + 47] = 2;
        report[0x2E8] = 3;
        Assert.True(SnpReport.TryParse(report, out SnpReport? parsed, out _));
        byte[] signature = parsed.GetSignature();
        Assert.Equal((2, 1, 0, 3), (signature[0], signature[47], signature[48], signature[95]));
    }

    [Theory]
    [InlineData(ProductLine.Milan)]
    [InlineData(ProductLine.Turin)]
    public static void Firmware_levels_read_as_they_were_written(ProductLine product)
    {
        var tcb = new TcbVersion(product is ProductLine.Turin ? (byte)1 : (byte)0, 2, 3, 4, 219);
        byte[] field = new byte[TcbVersion.Size];
        tcb.Write(field, product);
        Assert.Equal(tcb, TcbVersion.Read(field, product));
    }

    [Fact]
    public static void Firmware_is_compared_by_component()
    {
        var tcb = new TcbVersion(1, 4, 0, 24, 219);
        Assert.True(tcb.IsAtLeast(tcb));
        Assert.True((tcb with { Tee = 9 }).IsAtLeast(tcb));
        Assert.False((tcb with { Microcode = 255, Bootloader = 3 }).IsAtLeast(tcb));
        Assert.False((tcb with { Fmc = 0 }).IsAtLeast(tcb));
        Assert.False((tcb with { Snp = 23 }).IsAtLeast(tcb));
        Assert.False((tcb with { Microcode = 218 }).IsAtLeast(tcb));
    }

    [Fact]
    public static void Any_report_sized_bytes_are_parsed_or_refused_without_throwing() =>
        Prop.ForAll<int, uint>((seed, version) =>
            {
                byte[] report = Report(2 + (version % 4));
                var random = new Random(seed);
                for (int i = random.Next(4); i >= 0; i--)
                    report[random.Next(report.Length)] = (byte)random.Next(256);
                bool parsed = SnpReport.TryParse(report, out SnpReport? found, out AttestationError error);
                return parsed == error is AttestationError.None && parsed == found is not null;
            })
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(42, 43));

    private static ProductLine Product(uint version, byte family, byte model)
    {
        byte[] report = Report(version);
        (report[0x188], report[0x189]) = (family, model);
        return SnpReport.TryParse(report, out SnpReport? parsed, out _) ? parsed.Product : throw new InvalidOperationException();
    }

    private static AttestationError Parse(byte[] report)
    {
        bool parsed = SnpReport.TryParse(report, out _, out AttestationError error);
        Assert.Equal(parsed, error is AttestationError.None);
        return error;
    }

    private static byte[] Report(uint version)
    {
        byte[] report = new byte[SnpReport.Size];
        BinaryPrimitives.WriteUInt32LittleEndian(report, version);
        BinaryPrimitives.WriteUInt64LittleEndian(report.AsSpan(0x008), SnpGuestPolicy.AlwaysOne);
        BinaryPrimitives.WriteUInt32LittleEndian(report.AsSpan(0x034), 1);
        return report;
    }
}
