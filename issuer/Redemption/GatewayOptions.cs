using System.ComponentModel.DataAnnotations;

namespace Veil.Issuer;

/// <summary>A gateway that may redeem. It proves itself by a secret or by its client certificate's key; exactly one is set.</summary>
public sealed class GatewayOptions
{
    /// <summary>The operator's name for it; retries count within one name, so replicas of a gateway share it.</summary>
    [Required]
    public string? Name { get; init; }

    /// <summary>SHA-256 of the bearer secret's UTF-8 bytes, 64 hex digits. The secret itself is 32 random bytes or more, in any text form.</summary>
    [RegularExpression("[0-9a-fA-F]{64}", ErrorMessage = "SHA-256 as 64 hex digits")]
    public string? TokenSha256 { get; init; }

    /// <summary>SHA-256 of the SubjectPublicKeyInfo of its TLS client certificate, 64 hex digits.</summary>
    [RegularExpression("[0-9a-fA-F]{64}", ErrorMessage = "SHA-256 as 64 hex digits")]
    public string? CertificateSpkiSha256 { get; init; }
}
