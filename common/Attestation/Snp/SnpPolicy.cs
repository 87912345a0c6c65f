namespace Veil.Attestation.Snp;

/// <summary>What is accepted as SEV-SNP evidence.</summary>
public sealed class SnpPolicy
{
    /// <summary>SHA-256 of the SubjectPublicKeyInfo of each trusted ARK, 32 bytes; see <see cref="AmdRoots"/>. Empty: nothing is trusted.</summary>
    public required IReadOnlyCollection<ReadOnlyMemory<byte>> TrustedRoots { get; init; }

    /// <summary>Accepted launch measurements, 48 bytes each. Empty: nothing is accepted.</summary>
    public required IReadOnlyCollection<ReadOnlyMemory<byte>> Measurements { get; init; }

    /// <summary>Accepted HOST_DATA, 32 bytes each, for images that take their configuration from it. Empty: not looked at.</summary>
    public IReadOnlyCollection<ReadOnlyMemory<byte>> HostData { get; init; } = [];

    /// <summary>Accept guests whose memory the operator may read and write. Default false; the bit is not in the measurement.</summary>
    public bool AllowDebug { get; init; }

    /// <summary>Accept guests that a migration agent may move. Default false.</summary>
    public bool AllowMigration { get; init; }

    /// <summary>Highest VMPL (least privilege) that a report may have been asked for at, 0 to 3. Default 0.</summary>
    public byte MaxVmpl { get; init; }

    /// <summary>
    /// Cloud providers (CSP_ID) whose VLEK is accepted in place of a chip's own VCEK. Default none: a VLEK is shared by the
    /// provider's chips.
    /// </summary>
    public IReadOnlyCollection<string> VlekProviders { get; init; } = [];

    /// <summary>Least firmware by product line, asked of the reported and of the committed TCB, component by component. Absent: no minimum.</summary>
    public IReadOnlyDictionary<ProductLine, TcbVersion> MinimumTcb { get; init; } = new Dictionary<ProductLine, TcbVersion>();

    /// <summary>Bits of PLATFORM_INFO that must be set, for example 0x20: the alias check is done (AMD-SB-3015). Default none.</summary>
    public ulong RequiredPlatformInfo { get; init; }

    /// <summary>Bits of PLATFORM_INFO that must not be set, for example 0x01: hyperthreading. Default none.</summary>
    public ulong ForbiddenPlatformInfo { get; init; }
}
