using System.ComponentModel.DataAnnotations;

namespace Veil.HostAgent;

/// <summary>A gateway by the key of its client certificate.</summary>
public sealed class GatewayPin
{
    /// <summary>What the operator calls it.</summary>
    [Required]
    public string? Name { get; init; }

    /// <summary>SHA-256 of the certificate's SubjectPublicKeyInfo, 64 hexadecimal digits.</summary>
    [Required]
    [RegularExpression("[0-9a-fA-F]{64}", ErrorMessage = "the SHA-256 of a SubjectPublicKeyInfo as 64 hexadecimal digits")]
    public string? CertificateSpkiSha256 { get; init; }
}
