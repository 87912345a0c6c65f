using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Veil.Gateway.Hosts;
using Veil.Gateway.Tokens;

namespace Veil.Gateway.Tests.Parties;

/// <summary>The real gateway with a real issuer and real hosts, on loopback.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    public const string Authority = "gateway.example";
    public const string Service = "chat.example";
    public const string OpenService = "open.example";

    private readonly WebApplication _app;

    private TestGateway(TestAuthority authority, TestIssuer issuer, TestHost[] hosts, TestHost openHost, WebApplication app, TestCertificate relay)
    {
        (Certificates, Issuer, Hosts, OpenHost, _app) = (authority, issuer, hosts, openHost, app);
        Client = new TestClient(new Uri(app.Urls.First()), authority.RootFile, relay);
    }

    public TestAuthority Certificates { get; }

    public TestIssuer Issuer { get; }

    public TestHost[] Hosts { get; }

    public TestHost OpenHost { get; }

    /// <summary>A client in the relay's place.</summary>
    public TestClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public Uri Url => new(_app.Urls.First());

    public static async Task<TestGateway> StartAsync(Action<Dictionary<string, string?>>? change = null, bool waitForAll = true)
    {
        var authority = new TestAuthority();
        TestIssuer issuer = await TestIssuer.StartAsync(authority.Issue("issuer.example"));
        TestHost[] hosts = [await TestHost.StartAsync(Service), await TestHost.StartAsync(Service)];
        TestHost openHost = await TestHost.StartAsync(OpenService);
        TestCertificate relay = authority.Issue("relay");
        Dictionary<string, string?> settings = Settings(authority, issuer, hosts, openHost, relay);
        change?.Invoke(settings);
        WebApplication app = GatewayApp.Build([], builder => builder.Configuration.AddInMemoryCollection(settings));
        await app.StartAsync();
        var gateway = new TestGateway(authority, issuer, hosts, openHost, app, relay);
        await gateway.UntilReadyAsync(waitForAll);
        return gateway;
    }

    public TestClient Stranger() => new(Url, Certificates.RootFile, certificate: null);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        foreach (TestHost host in Hosts.Append(OpenHost))
        {
            await host.DisposeAsync();
        }

        await Issuer.DisposeAsync();
        Certificates.Dispose();
    }

    /// <summary>Hosts and issuer are found in the background.</summary>
    private async Task UntilReadyAsync(bool waitForAll)
    {
        var pools = Services.GetRequiredService<HostPools>();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (pools.Of(Service).Healthy().Length < Hosts.Length || (waitForAll && !pools.AllServed) || !Services.GetRequiredService<IssuerKeys>().IsReady)
        {
            await Task.Delay(20, patience.Token);
        }
    }

    private static Dictionary<string, string?> Settings(TestAuthority authority, TestIssuer issuer, TestHost[] hosts, TestHost openHost, TestCertificate relay)
    {
        TestCertificate own = authority.Issue(Authority);
        var settings = new Dictionary<string, string?>
        {
            ["Server:Listen"] = "127.0.0.1:0",
            ["Server:CertificateFile"] = own.CertificateFile,
            ["Server:KeyFile"] = own.KeyFile,
            ["Gateway:Authority"] = Authority,
            ["Gateway:Relays:0:Name"] = "test",
            ["Gateway:Relays:0:CertificateSpkiSha256"] = relay.SpkiSha256,
            ["Gateway:Services:0:Authority"] = Service,
            ["Gateway:Services:1:Authority"] = OpenService,
            ["Gateway:Services:1:Hosts:0:Url"] = openHost.Url,
            ["Gateway:Services:1:TokensPerRequest"] = "0",
            ["Keys:Store:Directory"] = Path.Combine(authority.Folder, "keys"),
            ["Keys:Store:WrappingKeyFile"] = authority.Write("wrapping.key", Convert.ToBase64String(new byte[32])),
            ["Tokens:Issuer"] = issuer.Url,
            ["Tokens:Tls:TrustedRootsFile"] = authority.RootFile,
            ["Redemption:Endpoint"] = issuer.Url + "/redeem",
            ["Redemption:SecretFile"] = authority.Write("secret", "gateway-secret\n"),
            ["Redemption:Tls:TrustedRootsFile"] = authority.RootFile,
            ["Hosts:Tls:ClientCertificateFile"] = own.CertificateFile,
            ["Hosts:Tls:ClientKeyFile"] = own.KeyFile,
            ["Hosts:Attestation:TrustedRoots:0"] = Convert.ToHexString(TestHost.Root.SpkiSha256),
            ["Hosts:Attestation:Measurements:0"] = Convert.ToHexString(TestHost.Guest.Measurement.Span),
        };
        for (int i = 0; i < hosts.Length; i++)
        {
            settings[$"Gateway:Services:0:Hosts:{i}:Url"] = hosts[i].Url;
        }

        return settings;
    }
}
