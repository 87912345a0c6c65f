using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Veil.Attestation.Snp;

/// <summary>
/// AMD's ATTESTATION_REPORT, versions 2 to 5: always 1,184 bytes, integers little-endian, the first 672 signed. Parsing checks
/// the form by version; nothing in it is true before <see cref="AppraisedHost"/> has been made from it.
/// </summary>
public sealed class SnpReport
{
    /// <summary>Media type of a report as evidence.</summary>
    public const string MediaType = "application/vnd.veil.sev-snp-report";

    /// <summary>Bytes of a report.</summary>
    public const int Size = 0x4A0;

    /// <summary>Bytes under the signature, from the start.</summary>
    public const int SignedSize = 0x2A0;

    /// <summary>Bytes of REPORT_DATA.</summary>
    public const int ReportDataSize = 64;

    /// <summary>Bytes of MEASUREMENT.</summary>
    public const int MeasurementSize = 48;

    /// <summary>Bytes of CHIP_ID.</summary>
    public const int ChipIdSize = 64;

    /// <summary>Bytes of REPORT_ID.</summary>
    public const int ReportIdSize = 32;

    /// <summary>Bytes of HOST_DATA.</summary>
    public const int HostDataSize = 32;

    /// <summary>Bytes of ID_KEY_DIGEST and AUTHOR_KEY_DIGEST.</summary>
    public const int KeyDigestSize = 48;

    /// <summary>Bytes of FAMILY_ID and IMAGE_ID.</summary>
    public const int ImageIdSize = 16;

    /// <summary>Bytes of a P-384 coordinate or signature half.</summary>
    public const int ScalarSize = 48;

    private const uint EcdsaP384Sha384 = 1;
    private const uint HighestVmpl = 3;
    private const uint KnownKeyInfo = 0x1F;
    private const int SignatureHalf = 72;
    private readonly byte[] _bytes;

    private SnpReport(ReadOnlySpan<byte> source) => _bytes = source.ToArray();

    /// <summary>VERSION, 2 to 5.</summary>
    public uint Version => UInt32(0x000);

    /// <summary>GUEST_SVN: the guest owner's own version number.</summary>
    public uint GuestSvn => UInt32(0x004);

    /// <summary>POLICY.</summary>
    public SnpGuestPolicy Policy => new(UInt64(0x008));

    /// <summary>FAMILY_ID, 16 bytes of the ID block; zero without one.</summary>
    public ReadOnlySpan<byte> FamilyId => Field(0x010, ImageIdSize);

    /// <summary>IMAGE_ID, 16 bytes of the ID block; zero without one.</summary>
    public ReadOnlySpan<byte> ImageId => Field(0x020, ImageIdSize);

    /// <summary>VMPL that asked for the report, 0 (most privileged) to 3.</summary>
    public byte Vmpl => _bytes[0x030];

    /// <summary>PLATFORM_INFO.</summary>
    public ulong PlatformInfo => UInt64(0x040);

    /// <summary>AUTHOR_KEY_EN: the ID key is signed by the author key of <see cref="AuthorKeyDigest"/>.</summary>
    public bool HasAuthorKey => (UInt32(0x048) & 1) != 0;

    /// <summary>Which key signed.</summary>
    public SnpSigningKey SigningKey => (SnpSigningKey)((UInt32(0x048) >> 2) & 7);

    /// <summary>MASK_CHIP_KEY: the platform does not sign, the signature is zero.</summary>
    public bool IsSignatureMasked => (UInt32(0x048) & 2) != 0;

    /// <summary>REPORT_DATA, 64 bytes that the guest chose.</summary>
    public ReadOnlySpan<byte> ReportData => Field(0x050, ReportDataSize);

    /// <summary>MEASUREMENT, the launch digest, 48 bytes.</summary>
    public ReadOnlySpan<byte> Measurement => Field(0x090, MeasurementSize);

    /// <summary>HOST_DATA, 32 bytes that the operator chose at launch.</summary>
    public ReadOnlySpan<byte> HostData => Field(0x0C0, HostDataSize);

    /// <summary>ID_KEY_DIGEST, 48 bytes; zero without an ID block.</summary>
    public ReadOnlySpan<byte> IdKeyDigest => Field(0x0E0, KeyDigestSize);

    /// <summary>AUTHOR_KEY_DIGEST, 48 bytes; counts only with <see cref="HasAuthorKey"/>.</summary>
    public ReadOnlySpan<byte> AuthorKeyDigest => Field(0x110, KeyDigestSize);

    /// <summary>REPORT_ID, 32 bytes that the firmware drew for this guest and that stay with it for its life.</summary>
    public ReadOnlySpan<byte> ReportId => Field(0x140, ReportIdSize);

    /// <summary>CHIP_ID, 64 bytes; zero where it is masked or a VLEK signed.</summary>
    public ReadOnlySpan<byte> ChipId => Field(0x1A0, ChipIdSize);

    /// <summary>The product line by CPUID (version 3 and later); <see cref="ProductLine.Unknown"/> for version 2 and for others.</summary>
    public ProductLine Product => (Version, _bytes[0x188], _bytes[0x189]) switch
    {
        ( < 3, _, _) => ProductLine.Unknown,
        (_, 0x19, <= 0x0F) => ProductLine.Milan,
        (_, 0x19, (>= 0x10 and <= 0x1F) or (>= 0xA0 and <= 0xAF)) => ProductLine.Genoa,
        (_, 0x1A, <= 0x11) => ProductLine.Turin,
        _ => ProductLine.Unknown,
    };

    /// <summary>The bytes under the signature.</summary>
    public ReadOnlySpan<byte> SignedBytes => Field(0x000, SignedSize);

    /// <summary>REPORTED_TCB: the firmware that the signing key was derived for.</summary>
    public TcbVersion ReportedTcb(ProductLine product) => TcbVersion.Read(Field(0x180, TcbVersion.Size), product);

    /// <summary>COMMITTED_TCB: firmware below this can no longer be loaded.</summary>
    public TcbVersion CommittedTcb(ProductLine product) => TcbVersion.Read(Field(0x1E0, TcbVersion.Size), product);

    /// <summary>CURRENT_TCB: the firmware that runs.</summary>
    public TcbVersion CurrentTcb(ProductLine product) => TcbVersion.Read(Field(0x038, TcbVersion.Size), product);

    /// <summary>LAUNCH_TCB: the firmware that ran when the guest was launched.</summary>
    public TcbVersion LaunchTcb(ProductLine product) => TcbVersion.Read(Field(0x1F0, TcbVersion.Size), product);

    /// <summary>The version of the firmware that runs.</summary>
    public FirmwareVersion CurrentFirmware => FirmwareVersion.Read(Field(0x1E8, 3));

    /// <summary>The version of the firmware that is committed to.</summary>
    public FirmwareVersion CommittedFirmware => FirmwareVersion.Read(Field(0x1EC, 3));

    /// <summary>LAUNCH_MIT_VECTOR (version 5): mitigations at launch; zero before.</summary>
    public ulong LaunchMitigations => UInt64(0x1F8);

    /// <summary>CURRENT_MIT_VECTOR (version 5): mitigations now; zero before.</summary>
    public ulong CurrentMitigations => UInt64(0x200);

    /// <summary>The signature as r || s, big-endian, 48 bytes each (IEEE P1363).</summary>
    public byte[] GetSignature()
    {
        byte[] signature = new byte[2 * ScalarSize];
        Field(0x2A0, ScalarSize).CopyTo(signature);
        Field(0x2A0 + SignatureHalf, ScalarSize).CopyTo(signature.AsSpan(ScalarSize));
        signature.AsSpan(0, ScalarSize).Reverse();
        signature.AsSpan(ScalarSize).Reverse();
        return signature;
    }

    /// <summary>Parses one report; other lengths, versions, algorithms and set reserved bits are refused.</summary>
    public static bool TryParse(ReadOnlySpan<byte> source, [NotNullWhen(true)] out SnpReport? report, out AttestationError error)
    {
        error = Examine(source);
        report = error is AttestationError.None ? new(source) : null;
        return report is not null;
    }

    private static AttestationError Examine(ReadOnlySpan<byte> source)
    {
        if (source.Length != Size)
        {
            return AttestationError.BadLength;
        }

        uint version = BinaryPrimitives.ReadUInt32LittleEndian(source);
        ulong policy = BinaryPrimitives.ReadUInt64LittleEndian(source[0x008..]);
        return version is < 2 or > 5 ? AttestationError.UnsupportedVersion
            : BinaryPrimitives.ReadUInt32LittleEndian(source[0x034..]) != EcdsaP384Sha384 ? AttestationError.UnsupportedSignatureAlgorithm
            : !IsReservedZero(source, version) || (policy & SnpGuestPolicy.AlwaysZero) != 0 ? AttestationError.ReservedNotZero
            : (policy & SnpGuestPolicy.AlwaysOne) == 0 ? AttestationError.BadGuestPolicy
            : BinaryPrimitives.ReadUInt32LittleEndian(source[0x030..]) > HighestVmpl ? AttestationError.NotRequestedByGuest
            : AttestationError.None;
    }

    private static bool IsReservedZero(ReadOnlySpan<byte> source, uint version)
    {
        bool keyInfo = (BinaryPrimitives.ReadUInt32LittleEndian(source[0x048..]) & ~KnownKeyInfo) == 0;
        bool cpuid = version >= 3 || IsZero(source[0x188..0x18B]);
        bool mitigations = version >= 5 || IsZero(source[0x1F8..0x208]);
        return keyInfo && cpuid && mitigations
            && IsZero(source[0x04C..0x050])
            && IsZero(source[0x18B..0x1A0])
            && source[0x1EB] == 0
            && source[0x1EF] == 0
            && IsZero(source[0x208..SignedSize])
            && IsZero(source[(SignedSize + ScalarSize)..(SignedSize + SignatureHalf)])
            && IsZero(source[(SignedSize + SignatureHalf + ScalarSize)..]);
    }

    private static bool IsZero(ReadOnlySpan<byte> field) => !field.ContainsAnyExcept((byte)0);

    private ReadOnlySpan<byte> Field(int offset, int size) => _bytes.AsSpan(offset, size);

    private uint UInt32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(offset));

    private ulong UInt64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(_bytes.AsSpan(offset));
}
