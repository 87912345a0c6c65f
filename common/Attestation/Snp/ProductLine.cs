namespace Veil.Attestation.Snp;

/// <summary>AMD's product lines with SEV-SNP. Each has a root of its own; the members' names are those in its certificates.</summary>
public enum ProductLine
{
    /// <summary>Not known, or not said: never a default for another.</summary>
    Unknown,

    /// <summary>Family 19h, models 00h to 0Fh.</summary>
    Milan,

    /// <summary>Family 19h, models 10h to 1Fh and A0h to AFh (Bergamo, Siena).</summary>
    Genoa,

    /// <summary>Family 1Ah, models 00h to 11h.</summary>
    Turin,
}
