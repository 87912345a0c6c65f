using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Veil.Attestation;
using Veil.HostAgent;
using Veil.HostAgent.Identity;

namespace Veil.Host.Tests.Agent;

/// <summary>A host agent that listens on loopback in front of a workload, and a gateway that may talk to it.</summary>
internal sealed class RunningHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly SoftwareMachine _machine;

    private RunningHost(WebApplication app, SoftwareMachine machine, X509Certificate2 gateway)
    {
        _app = app;
        _machine = machine;
        GatewayCertificate = gateway;
        Url = new(app.Urls.Single());
    }

    /// <summary>Where it listens.</summary>
    public Uri Url { get; }

    /// <summary>What it says of itself now.</summary>
    public HostClaims Claims => HostClaims.TryParse(_app.Services.GetRequiredService<IdentityRing>().Active.Record.EncodedClaims.Span, out HostClaims? claims, out _)
        ? claims : throw new InvalidOperationException("A host's own claims are malformed.");

    /// <summary>The certificate that the host's options name.</summary>
    public X509Certificate2 GatewayCertificate { get; }

    /// <summary>What the last handshake's appraisal said.</summary>
    public Verdict? Verdict { get; private set; }

    /// <summary>The key of the certificate that the last handshake showed, SHA-256 in digits.</summary>
    public string LeafKey { get; private set; } = "";

    public static async Task<RunningHost> StartAsync(Uri workload, params string[] settings)
    {
        var machine = new SoftwareMachine();
        X509Certificate2 gateway = ClientCertificate();
        string pin = Convert.ToHexString(SHA256.HashData(gateway.PublicKey.ExportSubjectPublicKeyInfo()));
        string[] args =
        [
            "--Server:Listen=127.0.0.1:0", $"--Host:Service={SoftwareMachine.Service}", $"--Host:Workload={workload}", "--Host:Gateways:0:Name=test", $"--Host:Gateways:0:CertificateSpkiSha256={pin}",
            .. settings.Select(setting => "--" + setting),
        ];
        WebApplication app = HostAgentApp.Build(args, "veil-test-host", services => services.AddSingleton(machine.Attester));
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new(app, machine, gateway);
    }

    /// <summary>A gateway's client: HTTP/2, its certificate, RA-TLS in place of a certification authority.</summary>
    public HttpClient Gateway(X509Certificate2? certificate = null, bool withoutCertificate = false) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        SslOptions = new SslClientAuthenticationOptions
        {
            TargetHost = SoftwareMachine.Service,
            ClientCertificateContext = withoutCertificate ? null : SslStreamCertificateContext.Create(certificate ?? GatewayCertificate, null, offline: true),
            RemoteCertificateValidationCallback = (_, leaf, _, _) => Appraise((X509Certificate2)leaf!),
        },
    })
    {
        BaseAddress = Url,
        DefaultRequestVersion = HttpVersion.Version20,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        DefaultRequestHeaders = { Host = SoftwareMachine.Service },
        Timeout = TimeSpan.FromSeconds(60),
    };

    /// <summary>A self-signed client certificate.</summary>
    public static X509Certificate2 ClientCertificate()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=gateway", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        _machine.Dispose();
        GatewayCertificate.Dispose();
    }

    private bool Appraise(X509Certificate2 leaf)
    {
        bool trusted = RatlsAppraisal.TryAppraise(leaf, SoftwareMachine.Policy(), DateTimeOffset.UtcNow, out _, out Verdict verdict);
        Verdict = verdict;
        LeafKey = Convert.ToHexString(SHA256.HashData(leaf.PublicKey.ExportSubjectPublicKeyInfo()));
        return trusted;
    }
}
