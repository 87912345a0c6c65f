using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Veil.Attestation;
using Veil.HostAgent.Vendors;
using Veil.ServiceDefaults;

namespace Veil.Host.Tests.Vendors;

/// <summary>A manufacturer's service over real TLS, that answers what a test gives it and counts what it is asked.</summary>
internal sealed class VendorService : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _roots;

    private VendorService(WebApplication app, string roots)
    {
        _app = app;
        _roots = roots;
        Url = new($"https://localhost:{new Uri(app.Urls.Single()).Port}/");
    }

    public Uri Url { get; }

    /// <summary>Path and query of what it is asked, in order.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>What it says to a path with its query; the rest gets 404.</summary>
    public ConcurrentDictionary<string, RequestDelegate> Answers { get; } = new();

    public static async Task<VendorService> StartAsync()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        string roots = Path.GetTempFileName();
        File.WriteAllText(roots, certificate.ExportCertificatePem());

        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        WebApplication app = builder.Build();
        VendorService? service = null;
        app.Run(context => service!.AnswerAsync(context));
        await app.StartAsync();
        return service = new(app, roots);
    }

    /// <summary>Options that ask this service.</summary>
    public VendorOptions Options(string? cacheFolder = null, TimeSpan? timeout = null) => new()
    {
        IntelUrl = Url,
        IntelRootListUrl = new(Url, "root.der"),
        AmdUrl = new(Url, "amd/"),
        CacheFolder = cacheFolder,
        Timeout = timeout ?? TimeSpan.FromSeconds(10),
        LocalAddress = "127.0.0.1",
        Tls = new OutboundTlsOptions { TrustedRootsFile = _roots },
    };

    /// <summary>Answers a question with bytes.</summary>
    public void Say(string pathAndQuery, ReadOnlyMemory<byte> body, string? field = null, string? value = null) => Answers[pathAndQuery] = async context =>
    {
        if (field is not null)
            context.Response.Headers[field] = value;
        await context.Response.Body.WriteAsync(body);
    };

    /// <summary>Answers all that a TDX host asks.</summary>
    public void SayTdx(IReadOnlyList<Endorsement> endorsements)
    {
        string chain = Uri.EscapeDataString(PemEncoding.WriteString("CERTIFICATE", endorsements[2].Bytes.Span) + "\n");
        Say("/tdx/certification/v4/tcb?fmspc=00806f050000", endorsements[0].Bytes, "TCB-Info-Issuer-Chain", chain);
        Say("/tdx/certification/v4/qe/identity", endorsements[1].Bytes, "SGX-Enclave-Identity-Issuer-Chain", chain);
        Say("/sgx/certification/v4/pckcrl?ca=platform&encoding=der", endorsements[3].Bytes);
        Say("/root.der", endorsements[4].Bytes);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        File.Delete(_roots);
    }

    private Task AnswerAsync(HttpContext context)
    {
        string asked = $"{context.Request.Path}{context.Request.QueryString}";
        Asked.Enqueue(asked);
        if (Answers.TryGetValue(asked, out RequestDelegate? answer))
            return answer(context);
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
