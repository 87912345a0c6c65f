using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Veil.ServiceDefaults;

namespace Veil.Issuer.Tests;

/// <summary>What operators get in <c>ops/containers</c> passes every check that a start makes of its configuration.</summary>
public sealed class SampleTests
{
    [Theory]
    [InlineData("appsettings.json")]
    [InlineData("appsettings.postgres.json")]
    public void A_sample_passes_the_checks_of_a_start_and_shows_every_section(string name)
    {
        string sample = Path.Combine(RepositoryRoot(), "ops", "containers", "issuer", name);
        Assert.Equal(
            [AttesterOptions.Section, IssuanceOptions.Section, IssuerKeyOptions.Section, RedemptionOptions.Section, ServerOptions.Section, StoreOptions.Section],
            new ConfigurationBuilder().AddJsonFile(sample).Build().GetChildren().Select(section => section.Key).Order(StringComparer.Ordinal));

        string folder = Directory.CreateTempSubdirectory("veil-test-").FullName;
        try
        {
            (string certificate, string key) = WriteCertificate(folder);
            using WebApplication app = IssuerApp.CreateBuilder(["--config", sample, "--Server:CertificateFile=" + certificate, "--Server:KeyFile=" + key]).Build();
            app.MapServiceDefaults();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The operator's own files.</summary>
    private static (string Certificate, string Key) WriteCertificate(string folder)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = new CertificateRequest("CN=issuer.example", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        (string Certificate, string Key) files = (Path.Combine(folder, "issuer.pem"), Path.Combine(folder, "issuer.key"));
        File.WriteAllText(files.Certificate, certificate.ExportCertificatePem());
        File.WriteAllText(files.Key, key.ExportPkcs8PrivateKeyPem());
        return files;
    }

    internal static string RepositoryRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Relay.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("Run from inside the repository: Relay.sln was not found above.");
    }
}
