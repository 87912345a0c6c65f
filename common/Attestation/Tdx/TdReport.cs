using System.Buffers.Binary;

namespace Veil.Attestation.Tdx;

/// <summary>A TD's report inside a quote: 584 bytes of TDX 1.0, or 648 of TDX 1.5.</summary>
public sealed class TdReport
{
    /// <summary>Bytes of a report of TDX 1.0.</summary>
    public const int Size10 = 584;

    /// <summary>Bytes of a report of TDX 1.5.</summary>
    public const int Size15 = 648;

    /// <summary>Bytes of a measurement register, SHA-384.</summary>
    public const int MeasurementSize = 48;

    /// <summary>Bytes of REPORTDATA.</summary>
    public const int ReportDataSize = 64;

    /// <summary>How many run-time measurement registers there are.</summary>
    public const int RuntimeRegisters = 4;

    internal const int SvnSize = 16;
    private readonly ReadOnlyMemory<byte> _bytes;

    internal TdReport(ReadOnlyMemory<byte> bytes) => _bytes = bytes;

    /// <summary>True for a report of TDX 1.5.</summary>
    public bool Is15 => _bytes.Length == Size15;

    /// <summary>TEE_TCB_SVN, 16 levels.</summary>
    public ReadOnlySpan<byte> TcbSvn => Field(0, SvnSize);

    /// <summary>MRSEAM: the TDX module's measurement.</summary>
    public ReadOnlySpan<byte> SeamModule => Field(16, MeasurementSize);

    /// <summary>MRSIGNERSEAM: who signed the TDX module; zero for Intel.</summary>
    public ReadOnlySpan<byte> SeamSigner => Field(64, MeasurementSize);

    /// <summary>SEAMATTRIBUTES, 8 bytes.</summary>
    public ReadOnlySpan<byte> SeamAttributes => Field(112, 8);

    /// <summary>TDATTRIBUTES, see <see cref="TdAttributes"/>.</summary>
    public ulong Attributes => BinaryPrimitives.ReadUInt64LittleEndian(Field(120, 8));

    /// <summary>XFAM: the processor state that the TD may use.</summary>
    public ulong Xfam => BinaryPrimitives.ReadUInt64LittleEndian(Field(128, 8));

    /// <summary>MRTD: what the TD was built of, its firmware.</summary>
    public ReadOnlySpan<byte> Mrtd => Field(136, MeasurementSize);

    /// <summary>MRCONFIGID, which the operator chose at launch.</summary>
    public ReadOnlySpan<byte> ConfigId => Field(184, MeasurementSize);

    /// <summary>MROWNER, which the operator chose at launch.</summary>
    public ReadOnlySpan<byte> Owner => Field(232, MeasurementSize);

    /// <summary>MROWNERCONFIG, which the operator chose at launch.</summary>
    public ReadOnlySpan<byte> OwnerConfig => Field(280, MeasurementSize);

    /// <summary>REPORTDATA, 64 bytes that the TD chose.</summary>
    public ReadOnlySpan<byte> ReportData => Field(520, ReportDataSize);

    /// <summary>TEE_TCB_SVN_2: the levels of the module that runs now; empty before TDX 1.5.</summary>
    public ReadOnlySpan<byte> CurrentTcbSvn => Is15 ? Field(584, SvnSize) : default;

    /// <summary>MRSERVICETD: the service TDs that may touch this one; empty before TDX 1.5, zero without one.</summary>
    public ReadOnlySpan<byte> ServiceTd => Is15 ? Field(600, MeasurementSize) : default;

    /// <summary>RTMR0 to RTMR3.</summary>
    /// <param name="index">0 to 3.</param>
    public ReadOnlySpan<byte> Rtmr(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)RuntimeRegisters, nameof(index));
        return Field(328 + (index * MeasurementSize), MeasurementSize);
    }

    internal static bool IsReservedZero(ReadOnlySpan<byte> body) => (BinaryPrimitives.ReadUInt64LittleEndian(body[120..]) & TdAttributes.Reserved) == 0;

    private ReadOnlySpan<byte> Field(int offset, int size) => _bytes.Span.Slice(offset, size);
}
