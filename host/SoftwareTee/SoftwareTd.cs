using System.Buffers.Binary;
using Veil.Attestation.Tdx;

namespace Veil.SoftwareTee;

/// <summary>A TD as its report shows it; the defaults are an honest one's under a TDX module 1.5.</summary>
public sealed record SoftwareTd
{
    /// <summary>MRTD, 48 bytes.</summary>
    public required ReadOnlyMemory<byte> Mrtd { get; init; }

    /// <summary>RTMR0 to RTMR3, 48 bytes each; absent ones are zero.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Rtmrs { get; init; } = [];

    /// <summary>TDATTRIBUTES.</summary>
    public ulong Attributes { get; init; } = TdAttributes.SeptVeDisable;

    /// <summary>XFAM.</summary>
    public ulong Xfam { get; init; } = 0x642e7;

    /// <summary>TEE_TCB_SVN: the module's level, its version, the microcode's level; the rest are 1.</summary>
    public (byte Module, byte Version, byte Microcode) Svn { get; init; } = (3, 1, 1);

    /// <summary>MRSIGNERSEAM, 48 bytes; absent: zero.</summary>
    public ReadOnlyMemory<byte> SeamSigner { get; init; }

    /// <summary>MRCONFIGID, 48 bytes; absent: zero.</summary>
    public ReadOnlyMemory<byte> ConfigId { get; init; }

    /// <summary>MROWNER, 48 bytes; absent: zero.</summary>
    public ReadOnlyMemory<byte> Owner { get; init; }

    /// <summary>MRSERVICETD, 48 bytes, in a report of TDX 1.5; absent: a report of TDX 1.0.</summary>
    public ReadOnlyMemory<byte> ServiceTd { get; init; }

    internal byte[] Write(ReadOnlySpan<byte> reportData)
    {
        byte[] bytes = new byte[ServiceTd.IsEmpty ? TdReport.Size10 : TdReport.Size15];
        Span<byte> report = bytes;
        Levels(report);
        SeamSigner.Span.CopyTo(report[64..]);
        BinaryPrimitives.WriteUInt64LittleEndian(report[120..], Attributes);
        BinaryPrimitives.WriteUInt64LittleEndian(report[128..], Xfam);
        Mrtd.Span.CopyTo(report[136..]);
        ConfigId.Span.CopyTo(report[184..]);
        Owner.Span.CopyTo(report[232..]);
        for (int i = 0; i < Rtmrs.Count; i++)
        {
            Rtmrs[i].Span.CopyTo(report[(328 + (i * TdReport.MeasurementSize))..]);
        }

        reportData.CopyTo(report[520..]);
        if (!ServiceTd.IsEmpty)
        {
            Levels(report[584..]);
            ServiceTd.Span.CopyTo(report[600..]);
        }

        return bytes;
    }

    private void Levels(Span<byte> field)
    {
        field[..16].Fill(1);
        (field[0], field[1], field[2]) = Svn;
    }
}
