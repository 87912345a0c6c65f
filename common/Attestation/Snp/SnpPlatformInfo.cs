namespace Veil.Attestation.Snp;

/// <summary>Bits of a report's PLATFORM_INFO. Others are seen on real machines and mean nothing here.</summary>
public static class SnpPlatformInfo
{
    /// <summary>Bit 0: hyperthreading is on.</summary>
    public const ulong Smt = 1 << 0;

    /// <summary>Bit 1: all memory is encrypted, that of the host too.</summary>
    public const ulong Tsme = 1 << 1;

    /// <summary>Bit 2: memory has error correction.</summary>
    public const ulong Ecc = 1 << 2;

    /// <summary>Bit 3: power metering (RAPL) is off.</summary>
    public const ulong RaplDisabled = 1 << 3;

    /// <summary>Bit 4: ciphertext in memory is hidden from the operator.</summary>
    public const ulong CiphertextHiding = 1 << 4;

    /// <summary>Bit 5: memory was checked for aliases (AMD-SB-3015).</summary>
    public const ulong AliasCheck = 1 << 5;

    /// <summary>Bit 7: trusted devices (SEV-TIO).</summary>
    public const ulong Tio = 1 << 7;

    /// <summary>Bits by the names that a policy file uses.</summary>
    public static IReadOnlyDictionary<string, ulong> Names { get; } = new Dictionary<string, ulong>(StringComparer.Ordinal)
    {
        ["smt"] = Smt,
        ["tsme"] = Tsme,
        ["ecc"] = Ecc,
        ["rapl-disabled"] = RaplDisabled,
        ["ciphertext-hiding"] = CiphertextHiding,
        ["alias-check"] = AliasCheck,
        ["tio"] = Tio,
    };
}
