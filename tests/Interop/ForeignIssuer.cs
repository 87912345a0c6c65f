using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Veil.Interop;

/// <summary>A running issuer made with the foreign package: <c>issuer.mjs</c>.</summary>
internal sealed class ForeignIssuer : IDisposable
{
    private readonly Process _process;
    private readonly DirectoryInfo _folder;

    private ForeignIssuer(Process process, DirectoryInfo folder, Uri address, X509Certificate2 certificate)
    {
        _process = process;
        _folder = folder;
        Address = address;
        Http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, presented, _, _) => presented?.GetCertHashString() == certificate.GetCertHashString(),
            },
        })
        {
            Timeout = TimeSpan.FromMinutes(2),
        };
    }

    /// <summary>Its certificate, which is its own root, as a PEM file.</summary>
    public string RootFile => Path.Combine(_folder.FullName, "tls.pem");

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Trusts its certificate and no other.</summary>
    public HttpClient Http { get; }

    /// <summary>Starts it with one key of each type.</summary>
    public static async Task<ForeignIssuer> StartAsync(params ushort[] types)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("veil-foreign-issuer-");
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=foreign issuer", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(12));
        string certificateFile = Path.Combine(folder.FullName, "tls.pem");
        string keyFile = Path.Combine(folder.FullName, "tls.key");
        await File.WriteAllTextAsync(certificateFile, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem());

        ProcessStartInfo start = await ForeignPackages.ScriptAsync(
            "issuer.mjs", [certificateFile, keyFile, .. types.Select(type => type.ToString(CultureInfo.InvariantCulture))]);
        Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string? line = await process.StandardOutput.ReadLineAsync();
        Assert.True(line?.StartsWith("port ", StringComparison.Ordinal) is true, line is null ? await errors : line);
        return new ForeignIssuer(process, folder, new Uri($"https://{IPAddress.Loopback}:{line![5..]}"), certificate);
    }

    /// <summary>It ends with its standard input.</summary>
    public void Dispose()
    {
        Http.Dispose();
        _process.StandardInput.Close();
        if (!_process.WaitForExit(10_000))
            _process.Kill();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }
}
