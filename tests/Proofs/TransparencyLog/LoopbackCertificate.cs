using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Veil.Proofs.TransparencyLog;

/// <summary>One certificate of 127.0.0.1 that is its own root, in PEM files.</summary>
public sealed class LoopbackCertificate
{
    /// <param name="folder">Where the files go.</param>
    public LoopbackCertificate(string folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        CertificateFile = Path.Combine(folder, "loopback.pem");
        KeyFile = Path.Combine(folder, "loopback.key");
        Hash = certificate.GetCertHashString();
        File.WriteAllText(CertificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>The certificate, and the only root to trust.</summary>
    public string CertificateFile { get; }

    /// <summary>What a client of it compares.</summary>
    public string Hash { get; }

    /// <summary>Its private key.</summary>
    public string KeyFile { get; }
}
