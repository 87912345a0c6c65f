namespace Veil.Attestation;

/// <summary>
/// What a manufacturer says of the key that signed the evidence (RFC 9334 section 8.2), handed over by the host and trusted
/// only as far as it chains to a root that the policy names.
/// </summary>
/// <param name="MediaType">For example <see cref="CertificateMediaType"/>.</param>
/// <param name="Bytes">As the manufacturer issued them.</param>
public sealed record Endorsement(string MediaType, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>One DER certificate (RFC 2585).</summary>
    public const string CertificateMediaType = "application/pkix-cert";

    /// <summary>One DER certificate revocation list (RFC 2585).</summary>
    public const string RevocationListMediaType = "application/pkix-crl";
}
