using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using Veil.Attestation;
using Veil.Attestation.Snp;
using Veil.HostAgent;
using Veil.SoftwareTee;

namespace Veil.Gateway.Tests.Parties;

/// <summary>A host with genuine evidence of a software machine, whose workload is a delegate.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    public static readonly SoftwareGuest Guest = new() { Measurement = SoftwareGuest.MeasurementOf("gateway tests") };

    private static readonly Lazy<SoftwareRoot> SharedRoot = new(() => SoftwareRoot.Create(DateTimeOffset.UtcNow));
    private readonly WebApplication _app;
    private readonly X509Certificate2 _certificate;

    private TestHost(WebApplication app, X509Certificate2 certificate)
    {
        _app = app;
        _certificate = certificate;
    }

    /// <summary>The root that policies of these tests trust: made once, since two RSA-4096 keys take seconds.</summary>
    public static SoftwareRoot Root => SharedRoot.Value;

    /// <summary>What reached the workload: method, path and fields.</summary>
    public ConcurrentQueue<ReceivedRequest> Received { get; } = new();

    /// <summary>What the workload does; the default echoes the content.</summary>
    public RequestDelegate Workload { get; set; } = EchoAsync;

    /// <summary>Subject names of client certificates seen.</summary>
    public ConcurrentQueue<string> Clients { get; } = new();

    public string Url => _app.Urls.First().Replace("127.0.0.1", "localhost", StringComparison.Ordinal);

    public static Task<TestHost> StartAsync(string service, SoftwareGuest? guest = null) => StartAsync(service, bound => AttestSnp(guest ?? Guest, bound));

    /// <summary>A host whose machine is another.</summary>
    public static async Task<TestHost> StartAsync(string service, Func<byte[], AttestedValue> attest)
    {
        X509Certificate2 certificate = Certify(service, attest);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        TestHost? host = null;
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.UseHttps(new HttpsConnectionAdapterOptions
                {
                    ServerCertificate = certificate,
                    ClientCertificateMode = ClientCertificateMode.AllowCertificate,
                    ClientCertificateValidation = (client, _, _) =>
                    {
                        host!.Clients.Enqueue(client.Subject);
                        return true;
                    },
                });
            });
        });
        WebApplication app = builder.Build();
        host = new TestHost(app, certificate);
        app.Run(context => host.ServeAsync(context, service));
        await app.StartAsync();
        return host;
    }

    public Task StopAsync() => _app.StopAsync(new CancellationToken(canceled: true));

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _app.DisposeAsync();
        _certificate.Dispose();
    }

    public static Task EchoAsync(HttpContext context)
    {
        context.Response.ContentType = context.Request.ContentType;
        return context.Request.Body.CopyToAsync(context.Response.Body);
    }

    /// <summary>As a host agent does: another authority is refused before the workload.</summary>
    private Task ServeAsync(HttpContext context, string service)
    {
        if (context.Request.Host.Value != service)
        {
            context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
            return Task.CompletedTask;
        }

        Received.Enqueue(new(
            context.Request.Method,
            context.Request.Path + context.Request.QueryString.Value,
            context.Request.Headers.ToDictionary(field => field.Key, field => field.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
        return Workload(context);
    }

    private static AttestedValue AttestSnp(SoftwareGuest guest, byte[] boundValue)
    {
        using var chip = new SoftwareChip(
            Root, RandomNumberGenerator.GetBytes(SnpReport.ChipIdSize), new TcbVersion(Fmc: 0, Bootloader: 4, Tee: 0, Snp: 24, Microcode: 219), DateTimeOffset.UtcNow);
        return new(new Evidence(SnpReport.MediaType, chip.Report(guest, boundValue)), chip.Endorsements);
    }

    private static X509Certificate2 Certify(string service, Func<byte[], AttestedValue> attest)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] claims = new HostClaims
        {
            Id = RandomNumberGenerator.GetBytes(HostClaims.IdSize),
            Epoch = 1,
            NotBefore = now.AddMinutes(-5),
            NotAfter = now.AddHours(1),
            Service = service,
            TlsSpkiSha256 = SHA256.HashData(key.ExportSubjectPublicKeyInfo()),
            KeyConfig = new byte[41],
            AcceptsPlainRequests = true,
        }.Encode();
        AttestedValue attested = attest(HostClaims.BoundValue(claims));
        var record = new HostRecord(claims, attested.Evidence, attested.Endorsements);
        var request = new CertificateRequest("CN=host", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(RatlsExtension.Create(record));
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddMinutes(-5), now.AddHours(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }
}

/// <summary>What a workload saw of a request.</summary>
internal sealed record ReceivedRequest(string Method, string Path, IReadOnlyDictionary<string, string> Fields);
