using System.Security.Cryptography;
using System.Text;
using Veil.Attestation;

namespace Veil.Common.Tests.Attestation;

public static class EndorsementTests
{
    [Fact]
    public static void A_file_holds_one_DER_or_any_number_of_PEM_certificates_and_lists()
    {
        byte[] certificate = ForeignEvidence.ReadShared("roots/ark-milan.der");
        byte[] list = ForeignEvidence.ReadShared("amd/crl/crl-milan.der");
        Assert.Equal([Endorsement.CertificateMediaType], Types(certificate));
        Assert.Equal([Endorsement.RevocationListMediaType], Types(list));
        string pem = $"note\n{PemEncoding.WriteString("CERTIFICATE", certificate)}\n{PemEncoding.WriteString("PUBLIC KEY", [1])}\n{PemEncoding.WriteString("X509 CRL", list)}\n";
        Assert.Equal([Endorsement.CertificateMediaType, Endorsement.RevocationListMediaType], Types(Encoding.ASCII.GetBytes(pem)));
        Assert.Equal(list, Endorsement.ReadFile(Encoding.ASCII.GetBytes(pem))[1].Bytes.ToArray());
    }

    [Fact]
    public static void A_file_with_anything_malformed_holds_nothing()
    {
        byte[] certificate = ForeignEvidence.ReadShared("roots/ark-milan.der");
        string pem = PemEncoding.WriteString("CERTIFICATE", certificate);
        Assert.Empty(Types([]));
        Assert.Empty(Types([1, 2, 3]));
        Assert.Empty(Types(certificate[..^1]));
        Assert.Empty(Types([.. certificate, 0]));
        Assert.Empty(Types(Encoding.ASCII.GetBytes($"{pem}\n{PemEncoding.WriteString("CERTIFICATE", [1])}\n")));
    }

    private static string[] Types(byte[] file) => [.. Endorsement.ReadFile(file).Select(endorsement => endorsement.MediaType)];
}
