namespace Veil.Attestation.Snp;

/// <summary>Which key signed a report (KEY_INFO bits 4 to 2).</summary>
public enum SnpSigningKey
{
    /// <summary>The chip's own key.</summary>
    Vcek = 0,

    /// <summary>A key that a cloud provider loaded into its chips.</summary>
    Vlek = 1,

    /// <summary>None: the report is not signed.</summary>
    None = 7,
}
