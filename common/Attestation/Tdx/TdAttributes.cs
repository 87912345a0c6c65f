namespace Veil.Attestation.Tdx;

/// <summary>Bits of TDATTRIBUTES.</summary>
public static class TdAttributes
{
    /// <summary>Bits 0 to 7: the TD is under debugging. Any of them opens its memory to the operator.</summary>
    public const ulong Debug = 0xFF;

    /// <summary>Bit 28: the operator cannot inject exceptions on private pages; Linux guests need it.</summary>
    public const ulong SeptVeDisable = 1UL << 28;

    /// <summary>Bit 29: a migration TD may move this one.</summary>
    public const ulong Migratable = 1UL << 29;

    /// <summary>Bit 30: supervisor protection keys.</summary>
    public const ulong Pks = 1UL << 30;

    /// <summary>Bit 31: key locker.</summary>
    public const ulong KeyLocker = 1UL << 31;

    /// <summary>Bit 63: performance counters, a side channel.</summary>
    public const ulong Perfmon = 1UL << 63;

    /// <summary>Bits that have no meaning yet and must be zero.</summary>
    internal const ulong Reserved = ~(Debug | SeptVeDisable | Migratable | Pks | KeyLocker | Perfmon);

    /// <summary>Bits by the names that a policy file uses; debugging has a field of its own there.</summary>
    public static IReadOnlyDictionary<string, ulong> Names { get; } = new Dictionary<string, ulong>(StringComparer.Ordinal)
    {
        ["sept-ve-disable"] = SeptVeDisable,
        ["migratable"] = Migratable,
        ["pks"] = Pks,
        ["key-locker"] = KeyLocker,
        ["perfmon"] = Perfmon,
    };
}
