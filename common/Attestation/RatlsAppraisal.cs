using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Veil.Attestation;

/// <summary>
/// Appraises the peer of a TLS connection by the host record in its certificate. Called from the TLS stack's certificate
/// callback: the handshake itself then proves that the peer holds the key. Only the leaf is looked at; no chain to a certification
/// authority is asked for, because the hardware's signature over the key takes its place.
/// </summary>
public static class RatlsAppraisal
{
    /// <summary>Appraises the leaf certificate of the connection.</summary>
    /// <param name="leaf">What the peer showed in this handshake.</param>
    /// <param name="policy">What is accepted.</param>
    /// <param name="now">The verifier's time.</param>
    /// <param name="host">The proof, for this connection's key and no other.</param>
    /// <param name="verdict">All checks, whatever the outcome.</param>
    public static bool TryAppraise(X509Certificate2 leaf, AppraisalPolicy policy, DateTimeOffset now, [NotNullWhen(true)] out AppraisedHost? host, out Verdict verdict)
    {
        ArgumentNullException.ThrowIfNull(leaf);
        return TryAppraise(leaf.RawDataMemory, policy, now, out host, out verdict);
    }

    /// <summary>Appraises the leaf certificate of the connection, DER.</summary>
    /// <param name="leafDer">What the peer showed in this handshake.</param>
    /// <param name="policy">What is accepted.</param>
    /// <param name="now">The verifier's time.</param>
    /// <param name="host">The proof, for this connection's key and no other.</param>
    /// <param name="verdict">All checks, whatever the outcome.</param>
    public static bool TryAppraise(ReadOnlyMemory<byte> leafDer, AppraisalPolicy policy, DateTimeOffset now, [NotNullWhen(true)] out AppraisedHost? host, out Verdict verdict)
    {
        return TryAppraise(leafDer, policy, new AppraisalContext { Now = now }, out host, out verdict);
    }

    /// <summary>Appraises the leaf certificate of the connection, DER, with what the relying party knows.</summary>
    /// <param name="leafDer">What the peer showed in this handshake.</param>
    /// <param name="policy">What is accepted.</param>
    /// <param name="context">The verifier's time, nonce and memory.</param>
    /// <param name="host">The proof, for this connection's key and no other.</param>
    /// <param name="verdict">All checks, whatever the outcome.</param>
    public static bool TryAppraise(
        ReadOnlyMemory<byte> leafDer, AppraisalPolicy policy, AppraisalContext context, [NotNullWhen(true)] out AppraisedHost? host, out Verdict verdict)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(context);
        var checks = new VerdictBuilder();
        host = Appraise(leafDer, policy, context, checks);
        verdict = checks.ToVerdict();
        return host is not null;
    }

    private static AppraisedHost? Appraise(ReadOnlyMemory<byte> leafDer, AppraisalPolicy policy, AppraisalContext context, VerdictBuilder checks)
    {
        DateTimeOffset now = context.Now;
        HostRecord? record;
        using (checks.Open(GroupNames.Connection))
        {
            bool parsed = ParsedCertificate.TryParse(leafDer, out ParsedCertificate? leaf);
            if (!checks.Check(CheckNames.Certificate, parsed, $"{leafDer.Length} bytes", "one X.509 version 3 certificate, each extension once", "TLS leaf") || leaf is null)
            {
                return null;
            }

            checks.Check(CheckNames.CertificateValidity, leaf.NotBefore <= now + policy.ClockSkew && now <= leaf.NotAfter, $"{leaf.NotBefore:u} to {leaf.NotAfter:u}", $"valid at {now:u}", "TLS leaf validity", $"{(now > leaf.NotAfter ? leaf.NotAfter : leaf.NotBefore - policy.ClockSkew):u}");
            checks.Until(CheckNames.CertificateValidity, leaf.NotAfter, "TLS leaf not_after");
            checks.Check(CheckNames.CertificateSignature, EcSignature.VerifyP256(leaf.Spki.Span, leaf.Tbs.Span, leaf.Signature.Span), leaf.CommonName, "signed by its own P-256 key", "TLS leaf signature");
            bool found = RatlsExtension.TryRead(leaf, out record, out AttestationError error);
            if (!checks.CheckParsed(CheckNames.HostRecord, found, error, $"TLS leaf extension {RatlsExtension.Oid}") || record is null)
            {
                return null;
            }

            // Claims that do not parse are reported by the record's own appraisal.
            byte[] key = leaf.SpkiSha256;
            if (HostClaims.TryParse(record.EncodedClaims.Span, out HostClaims? claims, out _))
            {
                bool bound = CryptographicOperations.FixedTimeEquals(claims.TlsSpkiSha256.Span, key);
                checks.Check(CheckNames.TlsKey, bound, Convert.ToHexStringLower(key), Convert.ToHexStringLower(claims.TlsSpkiSha256.Span), "TLS leaf public key");
            }
        }

        return AppraisedHost.Appraise(record, policy, context, checks);
    }
}
