using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Veil.Attestation.Nvidia;

/// <summary>
/// Evidence of an NVIDIA GPU in confidential computing mode: an SPDM 1.1 GET_MEASUREMENTS request and its signed MEASUREMENTS response.
/// <code>
/// request(37)  := 11 e0 01 ff | nonce(32) | slot(1)
/// response     := 11 60 00 00 | blocks(1) | record length u24 | record | nonce(32) | opaque length u16 | opaque | signature(96)
/// record       := { index(1) | 01 | u16 size | type(1) | u16 value size | value }*blocks,   opaque := { type u16 | length u16 | value }*
/// </code>
/// Integers are little-endian; bytes left over are refused. The signature is ECDSA P-384 with SHA-384, r || s, over everything before it.
/// </summary>
public sealed class GpuReport
{
    /// <summary>Media type of the evidence.</summary>
    public const string MediaType = "application/vnd.veil.nvidia-spdm";

    /// <summary>Longest report: 255 blocks of 64 bytes and an opaque field of 64 KiB.</summary>
    public const int MaxSize = 128 * 1024;

    /// <summary>Bytes of the nonce.</summary>
    public const int NonceSize = 32;

    private const int RequestSize = 37;
    private const int SignatureSize = 96;
    private const int ResponseHeader = 8;
    private const byte DmtfSpecification = 1;
    private const ushort DriverVersionType = 3;
    private const ushort VbiosVersionType = 6;
    private const ushort FirmwareIdType = 20;

    private readonly byte[] _bytes;

    private GpuReport(byte[] bytes, Dictionary<int, ReadOnlyMemory<byte>> measurements, Dictionary<ushort, ReadOnlyMemory<byte>> opaque)
    {
        _bytes = bytes;
        Measurements = measurements;
        DriverVersion = opaque.TryGetValue(DriverVersionType, out ReadOnlyMemory<byte> driver) ? Encoding.ASCII.GetString(driver.Span).TrimEnd('\0') : "";
        VbiosVersion = opaque.TryGetValue(VbiosVersionType, out ReadOnlyMemory<byte> vbios) && vbios.Length is 8 ? WriteVbios(vbios.Span) : "";
        FirmwareId = opaque.GetValueOrDefault(FirmwareIdType);
    }

    /// <summary>What the verifier asked with: fresh when it is the verifier's own.</summary>
    public ReadOnlyMemory<byte> Nonce => _bytes.AsMemory(4, NonceSize);

    /// <summary>The measured values by their index, 1 to 255.</summary>
    public IReadOnlyDictionary<int, ReadOnlyMemory<byte>> Measurements { get; }

    /// <summary>The driver's version; it chooses the reference values of the driver. Empty where the report names none.</summary>
    public string DriverVersion { get; }

    /// <summary>The VBIOS's version; it chooses the reference values of the firmware. Empty where the report names none.</summary>
    public string VbiosVersion { get; }

    /// <summary>FWID: the digest that the leaf's DICE extension must hold too. Empty where the report names none.</summary>
    public ReadOnlyMemory<byte> FirmwareId { get; }

    /// <summary>The bytes under the signature.</summary>
    public ReadOnlySpan<byte> SignedBytes => _bytes.AsSpan(..^SignatureSize);

    /// <summary>The signature, r || s.</summary>
    public ReadOnlySpan<byte> Signature => _bytes.AsSpan(^SignatureSize..);

    /// <summary>Parses one whole report.</summary>
    /// <param name="source">Untrusted.</param>
    /// <param name="report">The report.</param>
    /// <param name="error">Why there is none.</param>
    public static bool TryParse(ReadOnlySpan<byte> source, [NotNullWhen(true)] out GpuReport? report, out AttestationError error)
    {
        report = null;
        error = source.Length is < RequestSize + ResponseHeader + NonceSize + 2 + SignatureSize or > MaxSize ? AttestationError.BadLength
            : source is not [0x11, 0xE0, 0x01, 0xFF, ..] || source[RequestSize..] is not [0x11, 0x60, 0x00, 0x00, ..] ? AttestationError.UnsupportedVersion
            : AttestationError.None;
        if (error is not AttestationError.None)
        {
            return false;
        }

        byte[] bytes = source.ToArray();
        error = AttestationError.BadLength;
        int blocks = bytes[RequestSize + 4];
        int recordSize = bytes[RequestSize + 5] | (bytes[RequestSize + 6] << 8) | (bytes[RequestSize + 7] << 16);
        int at = RequestSize + ResponseHeader;
        if (recordSize > bytes.Length - at - NonceSize - 2 - SignatureSize || !TryReadRecord(bytes.AsMemory(at, recordSize), blocks, out Dictionary<int, ReadOnlyMemory<byte>>? measurements))
        {
            return false;
        }

        at += recordSize + NonceSize;
        int opaqueSize = bytes[at] | (bytes[at + 1] << 8);
        at += 2;
        if (opaqueSize != bytes.Length - at - SignatureSize || !TryReadOpaque(bytes.AsMemory(at, opaqueSize), out Dictionary<ushort, ReadOnlyMemory<byte>>? opaque))
        {
            return false;
        }

        error = AttestationError.None;
        report = new(bytes, measurements, opaque);
        return true;
    }

    private static bool TryReadRecord(ReadOnlyMemory<byte> record, int blocks, [NotNullWhen(true)] out Dictionary<int, ReadOnlyMemory<byte>>? measurements)
    {
        measurements = [];
        for (int i = 0; i < blocks; i++)
        {
            ReadOnlySpan<byte> block = record.Span;
            if (block.Length < 7)
            {
                return false;
            }

            int size = block[2] | (block[3] << 8);
            int valueSize = block[5] | (block[6] << 8);
            if (block[0] is 0 || block[1] != DmtfSpecification || size != valueSize + 3 || size > block.Length - 4 || !measurements.TryAdd(block[0], record.Slice(7, valueSize)))
            {
                return false;
            }

            record = record[(4 + size)..];
        }

        return record.IsEmpty && blocks > 0;
    }

    private static bool TryReadOpaque(ReadOnlyMemory<byte> opaque, [NotNullWhen(true)] out Dictionary<ushort, ReadOnlyMemory<byte>>? fields)
    {
        fields = [];
        while (!opaque.IsEmpty)
        {
            ReadOnlySpan<byte> head = opaque.Span;
            if (head.Length < 4)
            {
                return false;
            }

            ushort type = (ushort)(head[0] | (head[1] << 8));
            int size = head[2] | (head[3] << 8);
            if (size > head.Length - 4 || !fields.TryAdd(type, opaque.Slice(4, size)))
            {
                return false;
            }

            opaque = opaque[(4 + size)..];
        }

        return true;
    }

    /// <summary>"96.00.A5.00.01": four bytes from the last to the first, then the next one.</summary>
    private static string WriteVbios(ReadOnlySpan<byte> value) => $"{value[3]:X2}.{value[2]:X2}.{value[1]:X2}.{value[0]:X2}.{value[4]:X2}";
}
