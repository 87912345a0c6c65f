using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Veil.Proofs.Issuer;

namespace Veil.Issuer.Tests;

public sealed class GatewayCertificateTests : IAsyncLifetime
{
    private readonly X509Certificate2 _server = Certificate("issuer");
    private readonly X509Certificate2 _gateway = Certificate("gateway");
    private readonly X509Certificate2 _stranger = Certificate("stranger");
    private IssuerProcess? _issuer;

    public async ValueTask InitializeAsync()
    {
        _issuer = await IssuerProcess.CreateAsync();
        await File.WriteAllTextAsync(Path.Combine(_issuer.Folder, "tls.pem"), _server.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(_issuer.Folder, "tls.key"), _server.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        _issuer.Configure(configuration =>
        {
            configuration["Server"]!["AllowPlaintext"] = false;
            configuration["Server"]!["CertificateFile"] = "tls.pem";
            configuration["Server"]!["KeyFile"] = "tls.key";
            configuration["Redemption"]!["Gateways"] = new JsonArray(new JsonObject
            {
                ["Name"] = "gateway",
                ["CertificateSpkiSha256"] = Convert.ToHexStringLower(SHA256.HashData(_gateway.PublicKey.ExportSubjectPublicKeyInfo())),
            });
        });
        await _issuer.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _issuer!.DisposeAsync();
        _server.Dispose();
        _gateway.Dispose();
        _stranger.Dispose();
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_gateway_may_prove_itself_by_its_certificate(string version)
    {
        using HttpResponseMessage response = await Redeem(_gateway, version);
        Assert.Equal("{\"verdicts\":[\"invalid\"]}", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Without_a_certificate_clients_connect_and_redeem_nothing()
    {
        using HttpResponseMessage response = await Redeem(null, "2.0");
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task A_certificate_that_is_no_gateways_ends_the_connection() =>
        await Assert.ThrowsAsync<HttpRequestException>(() => Redeem(_stranger, "2.0"));

    private static X509Certificate2 Certificate(string name)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
    }

    private async Task<HttpResponseMessage> Redeem(X509Certificate2? certificate, string version)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, presented, _, _) => presented!.GetCertHashString() == _server.GetCertHashString();
        handler.SslOptions.EnabledSslProtocols = SslProtocols.Tls13;
        if (certificate is not null)
            handler.SslOptions.ClientCertificates = [certificate];
        using var http = new HttpClient(handler);
        using HttpRequestMessage request = IssuerClient.RedemptionRequest(_issuer!.Address, secret: null, IssuerClient.RedemptionBody([([1], IssuerClient.NewId())]));
        request.Version = new Version(version);
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
