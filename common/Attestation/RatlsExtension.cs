using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography.X509Certificates;

namespace Veil.Attestation;

/// <summary>
/// The host record in a TLS certificate: extension 2.23.133.5.4.9 (TCG DICE conceptual message wrapper), not critical, whose
/// value is the CMW collection itself.
/// </summary>
public static class RatlsExtension
{
    /// <summary>The extension's object identifier.</summary>
    public const string Oid = "2.23.133.5.4.9";

    /// <summary>The extension for a certificate that is being made.</summary>
    public static X509Extension Create(HostRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return new X509Extension(Oid, record.Encode(), critical: false);
    }

    /// <summary>Takes the record out of a leaf certificate.</summary>
    internal static bool TryRead(ParsedCertificate leaf, [NotNullWhen(true)] out HostRecord? record, out AttestationError error)
    {
        if (!leaf.Extensions.TryGetValue(Oid, out ReadOnlyMemory<byte> value))
        {
            record = null;
            error = AttestationError.NoEvidenceExtension;
            return false;
        }

        return HostRecord.TryParse(value, out record, out error);
    }
}
