namespace Veil.Attestation.Tdx;

/// <summary>SHA-256 of the SubjectPublicKeyInfo of Intel's root key.</summary>
public static class IntelRoots
{
    /// <summary>Intel SGX Root CA, for TDX too.</summary>
    public static ReadOnlyMemory<byte> Sgx { get; } = Convert.FromHexString("a0af031289f5d5d4132f9186068a7fc13628633ba235777472e29b6b6c67a49e");

    /// <summary>All of them.</summary>
    public static IReadOnlyCollection<ReadOnlyMemory<byte>> All { get; } = [Sgx];
}
