using System.Security.Cryptography.X509Certificates;
using Veil.Attestation;
using Veil.HostAgent.Configfs;

namespace Veil.Fuzz.Targets;

/// <summary>Whatever the hypervisor writes, only whole certificates come out, and no more than there are kinds.</summary>
public static class CertificateTableTarget
{
    private const int Kinds = 4;

    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        IReadOnlyList<Endorsement> found = CertificateTable.Read(input);
        if (found.Count > Kinds)
            throw new InvalidOperationException("More certificates than there are kinds.");
        foreach (Endorsement endorsement in found)
            X509CertificateLoader.LoadCertificate(endorsement.Bytes.Span).Dispose();
    }
}
