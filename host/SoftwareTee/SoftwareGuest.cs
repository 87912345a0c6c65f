using System.Buffers.Binary;
using System.Security.Cryptography;
using Veil.Attestation.Snp;

namespace Veil.SoftwareTee;

/// <summary>What a report says of the guest, and how it lies in the report's 1,184 bytes.</summary>
public sealed record SoftwareGuest
{
    private const uint EcdsaP384Sha384 = 1;
    private const uint FirstVersionWithProcessor = 3;

    /// <summary>The report's version, 2 to 5. Default 3.</summary>
    public uint Version { get; init; } = 3;

    /// <summary>The launch measurement, 48 bytes.</summary>
    public required ReadOnlyMemory<byte> Measurement { get; init; }

    /// <summary>The guest policy. Default: hyperthreading allowed, no debugging, no migration.</summary>
    public SnpGuestPolicy Policy { get; init; } = new(SnpGuestPolicy.AlwaysOne | SnpGuestPolicy.SmtAllowed);

    /// <summary>What the firmware drew for this guest, 32 bytes; absent: a hash of its chip's id, as if a chip had one guest.</summary>
    public ReadOnlyMemory<byte> ReportId { get; init; }

    /// <summary>PLATFORM_INFO. Default: hyperthreading is on, and the firmware has looked for memory aliases.</summary>
    public ulong PlatformInfo { get; init; } = SnpPlatformInfo.Smt | SnpPlatformInfo.AliasCheck;

    /// <summary>The privilege level that asks for reports. Default 0, the highest.</summary>
    public byte Vmpl { get; init; }

    /// <summary>SHA-384 of a label: the measurement of a guest that has no image.</summary>
    public static byte[] MeasurementOf(string label) => SHA384.HashData(System.Text.Encoding.UTF8.GetBytes(label));

    /// <summary>The unsigned report.</summary>
    internal byte[] Write(ReadOnlySpan<byte> reportData, ReadOnlySpan<byte> chipId, TcbVersion tcb, ProductLine line)
    {
        byte[] report = new byte[SnpReport.Size];
        Span<byte> field = report;
        BinaryPrimitives.WriteUInt32LittleEndian(field, Version);
        BinaryPrimitives.WriteUInt64LittleEndian(field[0x008..], Policy.Bits);
        BinaryPrimitives.WriteUInt32LittleEndian(field[0x030..], Vmpl);
        BinaryPrimitives.WriteUInt32LittleEndian(field[0x034..], EcdsaP384Sha384);
        tcb.Write(field[0x038..], line);
        BinaryPrimitives.WriteUInt64LittleEndian(field[0x040..], PlatformInfo);
        reportData.CopyTo(field.Slice(0x050, SnpReport.ReportDataSize));
        Measurement.Span.CopyTo(field.Slice(0x090, SnpReport.MeasurementSize));
        Span<byte> reportId = field.Slice(0x140, SnpReport.ReportIdSize);
        if (!ReportId.Span.TryCopyTo(reportId) || ReportId.IsEmpty)
        {
            SHA256.HashData(chipId, reportId);
        }

        field.Slice(0x160, 32).Fill(0xFF);
        tcb.Write(field[0x180..], line);
        if (Version >= FirstVersionWithProcessor)
        {
            (field[0x188], field[0x189]) = line switch
            {
                ProductLine.Turin => ((byte)0x1A, (byte)0x02),
                ProductLine.Genoa => ((byte)0x19, (byte)0x11),
                _ => ((byte)0x19, (byte)0x01),
            };
        }

        chipId.CopyTo(field.Slice(0x1A0, SnpReport.ChipIdSize));
        tcb.Write(field[0x1E0..], line);
        tcb.Write(field[0x1F0..], line);
        return report;
    }
}
