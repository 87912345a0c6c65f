using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Veil.Issuer.Tests.Rig;

/// <summary>A throw-away certificate authority with its files.</summary>
public sealed class LocalAuthority : IDisposable
{
    private const string Server = "1.3.6.1.5.5.7.3.1";
    private const string Client = "1.3.6.1.5.5.7.3.2";
    private readonly X509Certificate2 _root;
    private readonly List<X509Certificate2> _issued = [];

    public LocalAuthority(string name = "CN=Issuer tests")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _root = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-30), DateTimeOffset.UtcNow.AddDays(30));
    }

    private LocalAuthority(X509Certificate2 certificate) => _root = certificate;

    public string RootPem => _root.ExportCertificatePem();

    /// <summary>An authority whose certificate is signed by this one.</summary>
    public LocalAuthority Below(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 certificate = request.Create(_root, DateTimeOffset.UtcNow.AddDays(-20), DateTimeOffset.UtcNow.AddDays(20), RandomNumberGenerator.GetBytes(8));
        return new LocalAuthority(certificate.CopyWithPrivateKey(key));
    }

    public X509Certificate2 ForServer() => Issue("CN=localhost", Server, DateTimeOffset.UtcNow.AddDays(1));

    public X509Certificate2 ForClient(string subject) => Issue(subject, Client, DateTimeOffset.UtcNow.AddDays(1));

    public X509Certificate2 ForClientThatIsExpired(string subject) => Issue(subject, Client, DateTimeOffset.UtcNow.AddDays(-1));

    public X509Certificate2 ForServerNamed(string subject) => Issue(subject, Server, DateTimeOffset.UtcNow.AddDays(1));

    /// <summary>One that nobody vouches for.</summary>
    public X509Certificate2 SelfSigned(string subject)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Keep(new CertificateRequest(subject, key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1)));
    }

    public void Dispose()
    {
        _root.Dispose();
        _issued.ForEach(certificate => certificate.Dispose());
    }

    private X509Certificate2 Issue(string subject, string usage, DateTimeOffset until)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        using X509Certificate2 certificate = request.Create(_root, DateTimeOffset.UtcNow.AddDays(-10), until, RandomNumberGenerator.GetBytes(8));
        using X509Certificate2 withKey = certificate.CopyWithPrivateKey(key);
        return Keep(X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null));
    }

    private X509Certificate2 Keep(X509Certificate2 certificate)
    {
        _issued.Add(certificate);
        return certificate;
    }
}
