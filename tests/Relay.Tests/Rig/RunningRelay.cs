using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Veil.ServiceDefaults;

namespace Veil.Relay.Tests.Rig;

/// <summary>The shipped relay on a free port, configured as an operator would, its log kept.</summary>
public sealed class RunningRelay : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly StringWriter _log;
    private readonly TestCertificates _certificates;

    private RunningRelay(WebApplication app, StringWriter log, TestCertificates certificates)
    {
        _certificates = certificates;
        _app = app;
        _log = log;
    }

    public Uri Url => new(_app.Urls.Single());

    public string Log => _log.ToString();

    public WebApplication App => _app;

    /// <param name="certificates">Identity of the relay and roots for its gateway.</param>
    /// <param name="gateway">URL of the gateway that is named <c>g</c>.</param>
    /// <param name="httpVersion">Towards the gateway.</param>
    /// <param name="settings">Further command line settings.</param>
    public static async Task<RunningRelay> StartAsync(TestCertificates certificates, Uri gateway, string httpVersion = "2", params string[] settings)
    {
        var log = new StringWriter();
        string[] args =
        [
            "--Server:Listen=127.0.0.1:0",
            $"--Server:CertificateFile={certificates.ServerCertificate}",
            $"--Server:KeyFile={certificates.ServerKey}",
            $"--Relay:Gateways:g:Url={gateway}",
            $"--Relay:Gateways:g:HttpVersion={httpVersion}",
            "--Relay:Gateways:g:MirrorEpoch=false",
            $"--Relay:Gateways:g:Tls:TrustedRootsFile={certificates.Roots}",
            $"--Relay:Gateways:g:Tls:ClientCertificateFile={certificates.ClientCertificate}",
            $"--Relay:Gateways:g:Tls:ClientKeyFile={certificates.ClientKey}",
            "--Relay:RequestsPerSecond=100000", "--Relay:Burst=100000",
            .. settings,
        ];
        WebApplication app = RelayApp.Build(args, builder => builder.Services.AddSingleton(new LogOutput(log)));
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new RunningRelay(app, log, certificates);
    }

    /// <summary>A client of its own: own connections, own HTTP version.</summary>
    public HttpClient NewClient(Version? version = null) => new(new SocketsHttpHandler
    {
        SslOptions = { RemoteCertificateValidationCallback = IsOurs },
        UseCookies = false,
        AllowAutoRedirect = false,
        ActivityHeadersPropagator = null,
    })
    {
        BaseAddress = Url,
        DefaultRequestVersion = version ?? HttpVersion.Version20,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Timeout = TimeSpan.FromSeconds(60),
    };

    public bool IsOurs(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        certificate is not null && certificate.Equals(_certificates.Server);

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}

/// <summary>Requests of the kind that the relay carries.</summary>
internal static class Sealed
{
    public static HttpContent Content(byte[] bytes, string mediaType = MediaTypes.Request)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.TryAddWithoutValidation("Content-Type", mediaType);
        return content;
    }

    public static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);
}
