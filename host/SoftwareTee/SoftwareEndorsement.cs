using Veil.Attestation.Snp;

namespace Veil.SoftwareTee;

/// <summary>What the certificate of a chip's key says, where it differs from the chip's own truth: an honest VCEK by default, and every way in which one can lie.</summary>
public sealed record SoftwareEndorsement
{
    /// <summary>VCEK, issued by the ASK, or VLEK, issued by the ASVK.</summary>
    public SnpSigningKey Kind { get; init; } = SnpSigningKey.Vcek;

    /// <summary>Common name; null for the one of the kind.</summary>
    public string? CommonName { get; init; }

    /// <summary>CSP_ID; null leaves the extension out.</summary>
    public string? Provider { get; init; }

    /// <summary>The HWID extension's bytes; null for the chip's id, empty leaves the extension out.</summary>
    public ReadOnlyMemory<byte>? HardwareId { get; init; }

    /// <summary>The firmware levels; null for the chip's own.</summary>
    public TcbVersion? Tcb { get; init; }

    /// <summary>The product's name; null for the root's line.</summary>
    public string? ProductName { get; init; }

    /// <summary>Whether the bootloader's level stands there a second time, with another value.</summary>
    public bool DoubledExtension { get; init; }

    /// <summary>Start of validity; null for the day before now.</summary>
    public DateTimeOffset? NotBefore { get; init; }
}
