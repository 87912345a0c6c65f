namespace Veil.Attestation.Snp;

/// <summary>SHA-256 of the SubjectPublicKeyInfo of AMD's root keys (ARK), by product line.</summary>
public static class AmdRoots
{
    /// <summary>ARK-Milan.</summary>
    public static ReadOnlyMemory<byte> Milan { get; } = Convert.FromHexString("9f056bee44377e29308cb5ffa895bdfb62d18881fa6bed8d6f075b0204089cb9");

    /// <summary>ARK-Genoa, for Bergamo and Siena too.</summary>
    public static ReadOnlyMemory<byte> Genoa { get; } = Convert.FromHexString("429a69c9422aa258ee4d8db5fcda9c6470ef15f8cd5a9cebd6cbc7d90b863831");

    /// <summary>ARK-Turin.</summary>
    public static ReadOnlyMemory<byte> Turin { get; } = Convert.FromHexString("4f125410563a2ab9a50356f9243f6fe0b6f73de98603f53f90339c70e9d7ad08");

    /// <summary>All three.</summary>
    public static IReadOnlyCollection<ReadOnlyMemory<byte>> All { get; } = [Milan, Genoa, Turin];
}
