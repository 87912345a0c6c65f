using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Veil.Attestation.Tdx;

/// <summary>
/// PCK leaf, its authority and the root, as the quote carries them. Names only sort them; <see cref="IsSigned"/> and the pin of the root make them trusted.
/// </summary>
internal sealed class IntelChain
{
    /// <summary>Name of the leaf.</summary>
    public const string LeafName = "Intel SGX PCK Certificate";

    /// <summary>Name of the root.</summary>
    public const string RootName = "Intel SGX Root CA";

    /// <summary>Name of the authority for platforms with several packages; the other one is for single processors.</summary>
    public const string PlatformAuthorityName = "Intel SGX PCK Platform CA";

    private const int MaxTextSize = 12 * 1024;
    private static readonly string[] AuthorityNames = [PlatformAuthorityName, "Intel SGX PCK Processor CA"];

    private IntelChain(ParsedCertificate leaf, ParsedCertificate authority, ParsedCertificate root) => (Leaf, Authority, Root) = (leaf, authority, root);

    /// <summary>The PCK.</summary>
    public ParsedCertificate Leaf { get; }

    /// <summary>The Platform CA or the Processor CA.</summary>
    public ParsedCertificate Authority { get; }

    /// <summary>The root.</summary>
    public ParsedCertificate Root { get; }

    /// <summary>All three, the leaf first.</summary>
    public ParsedCertificate[] All => [Leaf, Authority, Root];

    /// <summary>Reads exactly three certificates; anything between them but one line feed, and after them but one NUL, is refused.</summary>
    public static bool TryParse(ReadOnlySpan<byte> pem, [NotNullWhen(true)] out IntelChain? chain, out string found)
    {
        chain = null;
        found = "malformed";
        if (pem.Length > MaxTextSize || !Ascii.IsValid(pem))
        {
            return false;
        }

        var certificates = new List<ParsedCertificate>();
        string text = Encoding.ASCII.GetString(pem);
        int at = 0;
        while (certificates.Count < 3 && PemEncoding.TryFind(text.AsSpan(at), out PemFields fields))
        {
            // Nothing signs the text, so that it has to be the one text of these bytes: 64 digits a line, each line ended by a line feed.
            byte[] der = Convert.FromBase64String(text[at..][fields.Base64Data]);
            string written = PemEncoding.WriteString("CERTIFICATE", der);
            if (fields.Location.Start.Value != 0 || !text.AsSpan(at).StartsWith(written, StringComparison.Ordinal) || !ParsedCertificate.TryParse(der, out ParsedCertificate? certificate))
            {
                return false;
            }

            certificates.Add(certificate);
            at += written.Length;
            at += at < text.Length && text[at] == '\n' ? 1 : 0;
        }

        found = certificates.Count == 0 ? "none" : string.Join(", ", certificates.Select(certificate => certificate.CommonName));
        bool named = certificates is [{ CommonName: LeafName }, var authority, { CommonName: RootName }] && AuthorityNames.Contains(authority.CommonName, StringComparer.Ordinal);
        chain = named && (at == text.Length || text[at..] == "\0") ? new(certificates[0], certificates[1], certificates[2]) : null;
        return chain is not null;
    }

    /// <summary>True when each names and is signed by the one above it, the root by itself, and the authorities are authorities.</summary>
    public bool IsSigned(AppraisalScope scope) =>
        IsIssued(Root, by: Root, scope) && IsIssued(Authority, by: Root, scope) && IsIssued(Leaf, by: Authority, scope) && !Leaf.IsAuthority;

    /// <summary>True when a certificate names and is signed by an authority, ECDSA P-256.</summary>
    public static bool IsIssued(ParsedCertificate certificate, ParsedCertificate by, AppraisalScope scope) =>
        by.IsAuthority
        && !certificate.HasUnknownCriticalExtension
        && certificate.Issuer.Span.SequenceEqual(by.Subject.Span)
        && scope.Known.Verify(by, certificate.Signed, static (key, signed) => key.IsP256 && key.VerifyCertificate(signed.Data, signed.Signature));
}
