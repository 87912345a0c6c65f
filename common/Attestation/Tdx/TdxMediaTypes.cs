namespace Veil.Attestation.Tdx;

/// <summary>Media types of Intel's collateral as endorsements.</summary>
public static class TdxMediaTypes
{
    /// <summary>TCB info, the whole signed document.</summary>
    public const string TcbInfo = "application/vnd.veil.tdx-tcb-info+json";

    /// <summary>The quoting enclave's identity, the whole signed document.</summary>
    public const string EnclaveIdentity = "application/vnd.veil.tdx-qe-identity+json";
}
