namespace Veil.Attestation.Snp;

/// <summary>The POLICY field of a report: what the guest's owner allowed its operator at launch.</summary>
/// <param name="Bits">The field.</param>
public readonly record struct SnpGuestPolicy(ulong Bits)
{
    /// <summary>Bit 17, which is always one.</summary>
    public const ulong AlwaysOne = 1UL << 17;

    /// <summary>Bits 63 to 26, which are always zero.</summary>
    public const ulong AlwaysZero = ~((1UL << 26) - 1);

    /// <summary>Bit 16: hyperthreading may be on.</summary>
    public const ulong SmtAllowed = 1UL << 16;

    /// <summary>Bit 18: a migration agent may move the guest.</summary>
    public const ulong MigrationAllowed = 1UL << 18;

    /// <summary>Bit 19: the operator may read and write the guest's memory.</summary>
    public const ulong DebugAllowed = 1UL << 19;

    /// <summary>True when the operator may debug the guest.</summary>
    public bool AllowsDebug => (Bits & DebugAllowed) != 0;

    /// <summary>True when a migration agent may move the guest.</summary>
    public bool AllowsMigration => (Bits & MigrationAllowed) != 0;
}
