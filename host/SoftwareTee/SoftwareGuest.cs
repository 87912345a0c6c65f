using System.Buffers.Binary;
using System.Security.Cryptography;
using Veil.Attestation.Snp;

namespace Veil.SoftwareTee;

/// <summary>What a report says of the guest, and how it lies in the report's 1,184 bytes.</summary>
public sealed record SoftwareGuest
{
    private const uint Version = 3;
    private const uint EcdsaP384Sha384 = 1;
    private const byte MilanFamily = 0x19;
    private const byte MilanModel = 0x01;

    /// <summary>The launch measurement, 48 bytes.</summary>
    public required ReadOnlyMemory<byte> Measurement { get; init; }

    /// <summary>The guest policy. Default: hyperthreading allowed, no debugging, no migration.</summary>
    public SnpGuestPolicy Policy { get; init; } = new(SnpGuestPolicy.AlwaysOne | SnpGuestPolicy.SmtAllowed);

    /// <summary>The privilege level that asks for reports. Default 0, the highest.</summary>
    public byte Vmpl { get; init; }

    /// <summary>SHA-384 of a label: the measurement of a guest that has no image.</summary>
    public static byte[] MeasurementOf(string label) => SHA384.HashData(System.Text.Encoding.UTF8.GetBytes(label));

    /// <summary>The unsigned report.</summary>
    internal byte[] Write(ReadOnlySpan<byte> reportData, ReadOnlySpan<byte> chipId, TcbVersion tcb)
    {
        byte[] report = new byte[SnpReport.Size];
        Span<byte> field = report;
        BinaryPrimitives.WriteUInt32LittleEndian(field, Version);
        BinaryPrimitives.WriteUInt64LittleEndian(field[0x008..], Policy.Bits);
        BinaryPrimitives.WriteUInt32LittleEndian(field[0x030..], Vmpl);
        BinaryPrimitives.WriteUInt32LittleEndian(field[0x034..], EcdsaP384Sha384);
        tcb.Write(field[0x038..], ProductLine.Milan);
        reportData.CopyTo(field.Slice(0x050, SnpReport.ReportDataSize));
        Measurement.Span.CopyTo(field.Slice(0x090, SnpReport.MeasurementSize));
        SHA256.HashData(chipId, field.Slice(0x140, 32));
        field.Slice(0x160, 32).Fill(0xFF);
        tcb.Write(field[0x180..], ProductLine.Milan);
        field[0x188] = MilanFamily;
        field[0x189] = MilanModel;
        chipId.CopyTo(field.Slice(0x1A0, SnpReport.ChipIdSize));
        tcb.Write(field[0x1E0..], ProductLine.Milan);
        tcb.Write(field[0x1F0..], ProductLine.Milan);
        return report;
    }
}
