using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Veil.Gateway.Tests.Parties;

/// <summary>A certification authority that lives as long as a test, and a folder for what must be files.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly X509Certificate2 _root;

    public TestAuthority()
    {
        Folder = Directory.CreateTempSubdirectory("veil-gateway-").FullName;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _root = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        RootFile = Write("root.pem", _root.ExportCertificatePem());
    }

    public string Folder { get; }

    public string RootFile { get; }

    public X509Certificate2Collection Roots => [_root];

    /// <summary>A certificate for 127.0.0.1, localhost and <paramref name="name"/>, saved as NAME.pem and NAME.key.</summary>
    public TestCertificate Issue(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        using X509Certificate2 bare = request.Create(_root, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(12), RandomNumberGenerator.GetBytes(8));
        return new(
            Write($"{name}.pem", bare.ExportCertificatePem()),
            Write($"{name}.key", key.ExportPkcs8PrivateKeyPem()),
            Convert.ToHexString(SHA256.HashData(bare.PublicKey.ExportSubjectPublicKeyInfo())));
    }

    public string Write(string name, string text)
    {
        string path = Path.Combine(Folder, name);
        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    public void Dispose()
    {
        _root.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>A certificate as files, and its key's pin.</summary>
internal sealed record TestCertificate(string CertificateFile, string KeyFile, string SpkiSha256)
{
    public X509Certificate2 Load()
    {
        using X509Certificate2 pem = X509Certificate2.CreateFromPemFile(CertificateFile, KeyFile);
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
    }
}
