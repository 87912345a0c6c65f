namespace Veil.Attestation;

/// <summary>The closed set of names of groups in a verdict.</summary>
public static class GroupNames
{
    /// <summary>The TLS certificate that carried the record.</summary>
    public const string Connection = "connection";

    /// <summary>What the host says of itself.</summary>
    public const string Claims = "claims";

    /// <summary>The hardware's report and its signature.</summary>
    public const string Evidence = "evidence";

    /// <summary>Certificates, revocation lists and collateral of the manufacturer.</summary>
    public const string Endorsements = "endorsements";

    /// <summary>What the relying party accepts.</summary>
    public const string Policy = "policy";

    /// <summary>Evidence of a GPU.</summary>
    public const string Gpu = "gpu";
}
