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

    /// <summary>Bit 20: the guest runs on one socket only.</summary>
    public const ulong SingleSocket = 1UL << 20;

    /// <summary>Bit 21: memory on CXL devices may be used.</summary>
    public const ulong CxlAllowed = 1UL << 21;

    /// <summary>Bit 22: memory is encrypted with AES-256-XTS.</summary>
    public const ulong Aes256Xts = 1UL << 22;

    /// <summary>Bit 23: power metering (RAPL) is off.</summary>
    public const ulong RaplOff = 1UL << 23;

    /// <summary>Bit 24: ciphertext is hidden from the operator.</summary>
    public const ulong CiphertextHiding = 1UL << 24;

    /// <summary>Bit 25: pages cannot be swapped.</summary>
    public const ulong PageSwapDisabled = 1UL << 25;

    /// <summary>Bits by the names that a policy file uses; debugging and migration have fields of their own there.</summary>
    public static IReadOnlyDictionary<string, ulong> Names { get; } = new Dictionary<string, ulong>(StringComparer.Ordinal)
    {
        ["smt"] = SmtAllowed,
        ["single-socket"] = SingleSocket,
        ["cxl"] = CxlAllowed,
        ["aes-256-xts"] = Aes256Xts,
        ["rapl-off"] = RaplOff,
        ["ciphertext-hiding"] = CiphertextHiding,
        ["page-swap-disabled"] = PageSwapDisabled,
    };

    /// <summary>True when the operator may debug the guest.</summary>
    public bool AllowsDebug => (Bits & DebugAllowed) != 0;

    /// <summary>True when a migration agent may move the guest.</summary>
    public bool AllowsMigration => (Bits & MigrationAllowed) != 0;

    /// <summary>Major part of the least ABI version that the guest asked for.</summary>
    public byte AbiMajor => (byte)((Bits >> 8) & 0xFF);

    /// <summary>Minor part of the least ABI version that the guest asked for.</summary>
    public byte AbiMinor => (byte)(Bits & 0xFF);
}
