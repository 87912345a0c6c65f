using System.Security.Cryptography.X509Certificates;
using Veil.Attestation;

namespace Veil.HostAgent;

/// <summary>What an SEV-SNP endorsement is about, since verifiers refuse two about the same: a certificate's common name, and one name for all revocation lists.</summary>
internal static class EndorsementSubject
{
    /// <summary>The name.</summary>
    public static string Of(Endorsement endorsement)
    {
        if (endorsement.MediaType != Endorsement.CertificateMediaType)
            return endorsement.MediaType;

        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(endorsement.Bytes.Span);
        return certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
    }
}
