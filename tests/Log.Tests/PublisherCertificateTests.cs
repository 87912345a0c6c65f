using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Veil.Proofs.TransparencyLog;
using Veil.Transparency;
using Veil.TransparencyLog;

namespace Veil.Log.Tests;

/// <summary>Publishers that the log knows by the key of their TLS certificate.</summary>
public sealed class PublisherCertificateTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("veil-publisher-").FullName;
    private readonly X509Certificate2 _publisher = SelfSigned("a publisher");
    private readonly X509Certificate2 _stranger = SelfSigned("a publisher");
    private LoopbackCertificate _server = null!;
    private WebApplication _log = null!;

    public async ValueTask InitializeAsync()
    {
        _server = new LoopbackCertificate(_folder);
        using NoteSigner key = NoteSigner.Generate("log.example/veil", NoteKeyType.Ed25519);
        NoteKeyFile.Write(Path.Combine(_folder, "log.key"), key);
        var settings = new Dictionary<string, string?>
        {
            ["Server:Listen"] = "127.0.0.1:0",
            ["Server:CertificateFile"] = _server.CertificateFile,
            ["Server:KeyFile"] = _server.KeyFile,
            ["Log:Origin"] = "log.example/veil",
            ["Log:KeyFile"] = Path.Combine(_folder, "log.key"),
            ["Log:Folder"] = Path.Combine(_folder, "log"),
            ["Log:WitnessThreshold"] = "0",
            ["Log:Publishers:0:Name"] = "gateway",
            ["Log:Publishers:0:CertificateSpkiSha256"] = Convert.ToHexString(SHA256.HashData(_publisher.PublicKey.ExportSubjectPublicKeyInfo())),
        };
        _log = LogApp.Build([], builder => builder.Configuration.AddInMemoryCollection(settings));
        await _log.StartAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task The_pinned_key_appends_whoever_has_none_is_told_so_and_another_key_fails_the_handshake()
    {
        Assert.Equal(HttpStatusCode.OK, await AppendAsync(0, _publisher));
        Assert.Equal(HttpStatusCode.Unauthorized, await AppendAsync(1, certificate: null));
        Assert.Equal(HttpStatusCode.Unauthorized, await AppendAsync(1, certificate: null, "Bearer a guess"));
        await Assert.ThrowsAsync<HttpRequestException>(() => AppendAsync(1, _stranger));

        // Everyone reads.
        using HttpClient reader = Client(certificate: null);
        Assert.StartsWith("log.example/veil\n1\n", await reader.GetStringAsync(new Uri(Address, "checkpoint"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _log.StopAsync(TestContext.Current.CancellationToken);
        await _log.DisposeAsync();
        _publisher.Dispose();
        _stranger.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private Uri Address => new(_log.Urls.First());

    private async Task<HttpStatusCode> AppendAsync(int index, X509Certificate2? certificate, string? authorization = null)
    {
        using HttpClient http = Client(certificate);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Address, $"append?index={index}")) { Content = new ByteArrayContent([1, 2, 3]) };
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using HttpResponseMessage answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private HttpClient Client(X509Certificate2? certificate) => new(new SocketsHttpHandler
    {
        SslOptions = new()
        {
            RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == _server.Hash,
            ClientCertificates = certificate is null ? null : [certificate],
        },
    });

    private static X509Certificate2 SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddDays(1));
    }
}
