namespace Veil.Attestation.Tdx;

/// <summary>What is accepted as TDX evidence. An empty list of roots or of images accepts nothing.</summary>
public sealed record TdxPolicy
{
    /// <summary>SHA-256 of the SubjectPublicKeyInfo of each trusted root, 32 bytes. Default Intel's own, <see cref="IntelRoots"/>. Empty: nothing is trusted.</summary>
    public IReadOnlyCollection<ReadOnlyMemory<byte>> TrustedRoots { get; init; } = IntelRoots.All;

    /// <summary>Accepted images.</summary>
    public IReadOnlyCollection<TdxImage> Images { get; init; } = [];

    /// <summary>
    /// Accepted platform states. Default <see cref="TcbStatus.UpToDate"/> alone. <see cref="TcbStatus.Revoked"/> is refused even where it is listed.
    /// </summary>
    public IReadOnlyCollection<TcbStatus> TcbStatuses { get; init; } = [TcbStatus.UpToDate];

    /// <summary>Least tcbEvaluationDataNumber of TCB info and enclave identity, against old collateral that is still valid. Default 0: any.</summary>
    public uint MinimumEvaluationNumber { get; init; }

    /// <summary>Accept TDs whose memory the operator may read and write. Default false.</summary>
    public bool AllowDebug { get; init; }

    /// <summary>Bits of TDATTRIBUTES that must be set, see <see cref="TdAttributes"/>. Default SEPT_VE_DISABLE.</summary>
    public ulong RequiredAttributes { get; init; } = TdAttributes.SeptVeDisable;

    /// <summary>Bits of TDATTRIBUTES that must not be set. Default migration and performance counters.</summary>
    public ulong ForbiddenAttributes { get; init; } = TdAttributes.Migratable | TdAttributes.Perfmon;

    /// <summary>Accepted XFAM. Empty: not looked at.</summary>
    public IReadOnlyCollection<ulong> Xfam { get; init; } = [];

    /// <summary>Accepted MRSEAM, 48 bytes each. Empty: any module that the collateral accepts.</summary>
    public IReadOnlyCollection<ReadOnlyMemory<byte>> Modules { get; init; } = [];

    /// <summary>Accepted MRCONFIGID, 48 bytes each. Empty: zero only.</summary>
    public IReadOnlyCollection<ReadOnlyMemory<byte>> ConfigIds { get; init; } = [];

    /// <summary>Accepted MROWNER, 48 bytes each. Empty: zero only.</summary>
    public IReadOnlyCollection<ReadOnlyMemory<byte>> Owners { get; init; } = [];

    /// <summary>Accepted MROWNERCONFIG, 48 bytes each. Empty: zero only.</summary>
    public IReadOnlyCollection<ReadOnlyMemory<byte>> OwnerConfigs { get; init; } = [];

    /// <summary>Accepted MRSERVICETD, 48 bytes each. Empty: zero only, no service TD.</summary>
    public IReadOnlyCollection<ReadOnlyMemory<byte>> ServiceTds { get; init; } = [];

    /// <summary>
    /// Refuse without current revocation lists of the PCK's authority and of the root. Default true: the collateral holds both. False makes a missing or stale list a
    /// named gap; a list that is there is always looked at.
    /// </summary>
    public bool RequireCrl { get; init; } = true;
}
