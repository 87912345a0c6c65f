using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Veil.Attestation;

namespace Veil.HostAgent;

/// <summary>What an SEV-SNP endorsement is about, since verifiers refuse two about the same: a certificate's common name, and one name for all revocation lists.</summary>
internal static class EndorsementSubject
{
    /// <summary>The name.</summary>
    /// <exception cref="AttesterException">A certificate cannot be read.</exception>
    public static string Of(Endorsement endorsement)
    {
        if (endorsement.MediaType != Endorsement.CertificateMediaType)
            return endorsement.MediaType;

        try
        {
            using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(endorsement.Bytes.Span);
            return certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        }
        catch (CryptographicException failure)
        {
            throw new AttesterException("an endorsement is a certificate that cannot be read (check Attester:EndorsementFiles and Attester:Vendors)", failure);
        }
    }
}
