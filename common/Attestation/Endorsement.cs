using System.Security.Cryptography;
using System.Text;

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

    /// <summary>Intel's TCB info for a TDX platform, the signed document as it was issued.</summary>
    public const string TdxTcbInfoMediaType = Tdx.TcbInfo.MediaType;

    /// <summary>Intel's identity of the TDX quoting enclave, the signed document as it was issued.</summary>
    public const string TdxQeIdentityMediaType = Tdx.QeIdentity.MediaType;

    /// <summary>Reads what an operator keeps in a file: one DER certificate or revocation list, or any number of both as PEM.</summary>
    /// <param name="file">The file's bytes.</param>
    /// <returns>The endorsements in their order; empty where one is malformed or there is none.</returns>
    public static IReadOnlyList<Endorsement> ReadFile(ReadOnlyMemory<byte> file)
    {
        string text = Encoding.ASCII.GetString(file.Span);
        if (!PemEncoding.TryFind(text, out _))
        {
            return ReadDer(file) is { } single ? [single] : [];
        }

        var found = new List<Endorsement>();
        ReadOnlySpan<char> rest = text;
        while (PemEncoding.TryFind(rest, out PemFields fields))
        {
            if (rest[fields.Label] is "CERTIFICATE" or "X509 CRL")
            {
                if (ReadDer(Convert.FromBase64String(rest[fields.Base64Data].ToString())) is not { } endorsement)
                {
                    return [];
                }

                found.Add(endorsement);
            }

            rest = rest[fields.Location.End..];
        }

        return found;
    }

    /// <summary>True when the bytes have the form that the media type names. Of who made them nothing is known by that.</summary>
    public bool IsWellFormed() => MediaType switch
    {
        CertificateMediaType => ParsedCertificate.TryParse(Bytes, out _),
        RevocationListMediaType => CertificateRevocationList.TryParse(Bytes, out _),
        TdxTcbInfoMediaType => Tdx.TcbInfo.TryParse(Bytes, out _, out _),
        TdxQeIdentityMediaType => Tdx.QeIdentity.TryParse(Bytes, out _, out _),
        _ => false,
    };

    private static Endorsement? ReadDer(ReadOnlyMemory<byte> der) =>
        ParsedCertificate.TryParse(der, out _) ? new(CertificateMediaType, der)
        : CertificateRevocationList.TryParse(der, out _) ? new(RevocationListMediaType, der)
        : null;
}
