using System.Buffers.Binary;

namespace Veil.Attestation.Tdx;

/// <summary>The report of Intel's quoting enclave, 384 bytes.</summary>
public sealed class EnclaveReport
{
    /// <summary>Bytes of a report.</summary>
    public const int Size = 384;

    internal EnclaveReport(ReadOnlyMemory<byte> bytes) => Bytes = bytes;

    /// <summary>The whole report: what the PCK signed.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>MISCSELECT, 4 bytes.</summary>
    public ReadOnlySpan<byte> MiscSelect => Bytes.Span.Slice(16, 4);

    /// <summary>ATTRIBUTES, 16 bytes.</summary>
    public ReadOnlySpan<byte> Attributes => Bytes.Span.Slice(48, 16);

    /// <summary>MRSIGNER, 32 bytes.</summary>
    public ReadOnlySpan<byte> Signer => Bytes.Span.Slice(128, 32);

    /// <summary>ISVPRODID.</summary>
    public ushort ProductId => BinaryPrimitives.ReadUInt16LittleEndian(Bytes.Span[256..]);

    /// <summary>ISVSVN.</summary>
    public ushort Svn => BinaryPrimitives.ReadUInt16LittleEndian(Bytes.Span[258..]);

    /// <summary>REPORTDATA, 64 bytes.</summary>
    public ReadOnlySpan<byte> ReportData => Bytes.Span.Slice(320, 64);
}
