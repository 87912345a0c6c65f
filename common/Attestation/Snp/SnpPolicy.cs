namespace Veil.Attestation.Snp;

/// <summary>What is accepted as SEV-SNP evidence. An empty list of roots, or neither measurements nor signers, accepts nothing.</summary>
public sealed record SnpPolicy
{
    /// <summary>SHA-256 of the SubjectPublicKeyInfo of each trusted ARK, 32 bytes. Default AMD's own, <see cref="AmdRoots"/>. Empty: nothing is trusted.</summary>
    public IReadOnlyCollection<ReadOnlyMemory<byte>> TrustedRoots { get; init; } = AmdRoots.All;

    /// <summary>Accepted launch measurements, 48 bytes each.</summary>
    public IReadOnlyCollection<ReadOnlyMemory<byte>> Measurements { get; init; } = [];

    /// <summary>Whose images are accepted whatever their measurement. Default nobody's.</summary>
    public IReadOnlyCollection<SnpImageSigner> Signers { get; init; } = [];

    /// <summary>Accepted HOST_DATA, 32 bytes each, for images that take their configuration from it. Empty: not looked at.</summary>
    public IReadOnlyCollection<ReadOnlyMemory<byte>> HostData { get; init; } = [];

    /// <summary>Accepted FAMILY_ID, 16 bytes each. Empty: not looked at.</summary>
    public IReadOnlyCollection<ReadOnlyMemory<byte>> FamilyIds { get; init; } = [];

    /// <summary>Accepted IMAGE_ID, 16 bytes each. Empty: not looked at.</summary>
    public IReadOnlyCollection<ReadOnlyMemory<byte>> ImageIds { get; init; } = [];

    /// <summary>Machines by CHIP_ID, 64 bytes each, where only one's own are accepted: others' may have been opened. Empty: any of AMD's.</summary>
    public IReadOnlyCollection<ReadOnlyMemory<byte>> ChipIds { get; init; } = [];

    /// <summary>Accept guests whose memory the operator may read and write. Default false; the bit is not in the measurement.</summary>
    public bool AllowDebug { get; init; }

    /// <summary>Accept guests that a migration agent may move. Default false.</summary>
    public bool AllowMigration { get; init; }

    /// <summary>Highest VMPL (least privilege) that a report may have been asked for at, 0 to 3. Default 0.</summary>
    public byte MaxVmpl { get; init; }

    /// <summary>Bits of the guest's POLICY that must be set, see <see cref="SnpGuestPolicy"/>. Default none.</summary>
    public ulong RequiredGuestPolicy { get; init; }

    /// <summary>Bits of the guest's POLICY that must not be set. Default CXL memory, which lies outside the processor's package.</summary>
    public ulong ForbiddenGuestPolicy { get; init; } = SnpGuestPolicy.CxlAllowed;

    /// <summary>Least ABI version (major, minor) that the guest must have asked for. Default 0.0: any.</summary>
    public (byte Major, byte Minor) MinimumAbi { get; init; }

    /// <summary>
    /// Cloud providers (CSP_ID) whose VLEK is accepted in place of a chip's own VCEK. Default none: a VLEK is shared by the
    /// provider's chips.
    /// </summary>
    public IReadOnlyCollection<string> VlekProviders { get; init; } = [];

    /// <summary>Accept a chip's own key over a report that does not name the chip. Default false: the certificate's chip cannot be compared.</summary>
    public bool AllowMaskedChipId { get; init; }

    /// <summary>Least firmware by product line, asked of the reported and of the committed TCB, component by component. Absent: no minimum.</summary>
    public IReadOnlyDictionary<ProductLine, TcbVersion> MinimumTcb { get; init; } = new Dictionary<ProductLine, TcbVersion>();

    /// <summary>Accept a machine that runs newer firmware than the one it is committed to, and so can go back. Default false.</summary>
    public bool AllowProvisionalFirmware { get; init; }

    /// <summary>Bits that must be set in the mitigation vectors of launch and of now (version 5 of the report). Default none.</summary>
    public ulong RequiredMitigations { get; init; }

    /// <summary>Bits of PLATFORM_INFO that must be set, see <see cref="SnpPlatformInfo"/>; for example the alias check (AMD-SB-3015). Default none.</summary>
    public ulong RequiredPlatformInfo { get; init; }

    /// <summary>Bits of PLATFORM_INFO that must not be set, for example hyperthreading. Default none.</summary>
    public ulong ForbiddenPlatformInfo { get; init; }

    /// <summary>
    /// Refuse without a current revocation list of the root among the endorsements. Default false: a missing or stale list is a named gap. A list that is
    /// there is always looked at.
    /// </summary>
    public bool RequireCrl { get; init; }
}
