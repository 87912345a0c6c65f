using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Veil.Issuer.Tests.Rig;
using Veil.PrivacyPass;
using Veil.Proofs.Issuer;

namespace Veil.Issuer.Tests;

public sealed class CertificateAccountTests : IAsyncLifetime
{
    private readonly LocalAuthority _authority = new();
    private readonly LocalAuthority _below;
    private readonly LocalAuthority _stranger = new("CN=Somebody else's authority");
    private X509Certificate2? _server;
    private X509Certificate2? _gateway;
    private IssuerProcess? _issuer;

    public CertificateAccountTests() => _below = _authority.Below("CN=Authority below");

    private IssuerProcess Issuer => _issuer!;

    public async ValueTask InitializeAsync()
    {
        _server = _authority.ForServer();
        _gateway = _authority.ForClient("CN=gateway");
        _issuer = await IssuerProcess.CreateAsync();
        await WriteAsync("roots.pem", _authority.RootPem + "\n" + _below.RootPem);
        await WriteAsync("tls.pem", _server.ExportCertificatePem());
        await WriteAsync("tls.key", _server.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        Configure();
        await _issuer.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Issuer.DisposeAsync();
        _authority.Dispose();
        _below.Dispose();
        _stranger.Dispose();
    }

    [Fact]
    public async Task A_certificate_of_the_authority_draws_and_a_renewed_one_is_the_same_account()
    {
        Assert.Equal(2, await DrawAllAsync(_authority.ForClient("CN=alice,O=Example"), 2));
        Assert.Equal(1, await DrawAllAsync(_authority.ForClient("CN=alice,O=Example"), 9));
        Assert.Equal(3, await DrawAllAsync(_authority.ForClient("CN=bob,O=Example"), 9));
        Assert.Equal(3, await DrawAllAsync(_below.ForClient("CN=carol,O=Example"), 9));
    }

    [Fact]
    public async Task Certificates_that_nobody_vouches_for_are_refused_with_a_problem()
    {
        Assert.Equal("account", await RefusalAsync(_authority.SelfSigned("CN=alice")));
        Assert.Equal("account", await RefusalAsync(_stranger.ForClient("CN=alice")));
        Assert.Equal("account", await RefusalAsync(_authority.ForClientThatIsExpired("CN=alice")));
        Assert.Equal("account", await RefusalAsync(_authority.ForServerNamed("CN=alice")));
        Assert.Equal("account", await RefusalAsync(null));
    }

    [Fact]
    public async Task A_certificate_that_was_added_draws_whoever_issued_it()
    {
        X509Certificate2 pinned = _authority.SelfSigned("CN=pinned");
        await WriteAsync("pinned.pem", pinned.ExportCertificatePem());
        await Issuer.RunAsync("accounts", "add", "pinned", "--certificate", "pinned.pem", "--class", "team");
        Assert.Equal(5, await DrawAllAsync(pinned, 9));
        Assert.Equal("account", await RefusalAsync(_authority.SelfSigned("CN=pinned")));
        await Issuer.RunAsync("accounts", "disable", "--certificate", "pinned.pem");
        Assert.Equal("account-disabled", await RefusalAsync(pinned));
    }

    [Fact]
    public async Task Whom_the_authority_names_is_disabled_with_every_certificate()
    {
        X509Certificate2 first = _authority.ForClient("CN=leaver");
        await WriteAsync("leaver.pem", first.ExportCertificatePem());
        Assert.Equal(1, await DrawAllAsync(first, 1));
        await Issuer.RunAsync("accounts", "disable", "--certificate-subject", "leaver.pem");
        Assert.Equal("account-disabled", await RefusalAsync(first));
        Assert.Equal("account-disabled", await RefusalAsync(_authority.ForClient("CN=leaver")));
    }

    [Fact]
    public async Task A_gateways_certificate_never_draws_and_an_accounts_never_redeems()
    {
        Assert.Equal("account", await RefusalAsync(_gateway));
        await WriteAsync("gateway.pem", _gateway!.ExportCertificatePem());
        (int exitCode, _, string error) = await Issuer.TryRunAsync("accounts", "add", "gateway", "--certificate", "gateway.pem");
        Assert.NotEqual(0, exitCode);
        Assert.Contains("gateway's", error, StringComparison.Ordinal);

        using HttpClient gateway = ClientWith(_gateway);
        using HttpClient account = ClientWith(_authority.ForClient("CN=alice"));
        string body = IssuerClient.RedemptionBody([([1], IssuerClient.NewId())]);
        using HttpResponseMessage redeemed = await gateway.SendAsync(IssuerClient.RedemptionRequest(Issuer.Address, secret: null, body), TestContext.Current.CancellationToken);
        using HttpResponseMessage refused = await account.SendAsync(IssuerClient.RedemptionRequest(Issuer.Address, secret: null, body), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, redeemed.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task A_request_with_a_credential_is_judged_by_that_alone()
    {
        using HttpClient client = ClientWith(_authority.ForClient("CN=alice"));
        using HttpResponseMessage refused = await client.SendAsync(IssuerClient.TokenRequest(Issuer.Address, "veil-nothing", new byte[259]), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task Only_added_identities_draw_where_the_operator_wants_so()
    {
        await Issuer.StopAsync();
        Configure(onlyAdded: true);
        await WriteAsync("ada.pem", _authority.ForClient("CN=ada").ExportCertificatePem());
        await Issuer.RunAsync("accounts", "add", "Ada", "--certificate-subject", "ada.pem");
        await Issuer.StartAsync();
        Assert.Equal(1, await DrawAllAsync(_authority.ForClient("CN=ada"), 1));
        Assert.Equal("account-not-added", await RefusalAsync(_authority.ForClient("CN=bob")));
    }

    private void Configure(bool onlyAdded = false) => Issuer.Configure(configuration =>
    {
        configuration["Server"]!["AllowPlaintext"] = false;
        configuration["Server"]!["CertificateFile"] = "tls.pem";
        configuration["Server"]!["KeyFile"] = "tls.key";
        configuration["Issuance"] = new JsonObject { ["QuotaClasses"] = new JsonObject { ["default"] = 3, ["team"] = 5 } };
        configuration["Attesters"] = new JsonObject { ["Certificate"] = new JsonObject { ["TrustedRootsFile"] = "roots.pem", ["OnlyAdded"] = onlyAdded } };
        configuration["Redemption"]!["Gateways"] = new JsonArray(new JsonObject
        {
            ["Name"] = "gateway",
            ["CertificateSpkiSha256"] = Convert.ToHexStringLower(SHA256.HashData(_gateway!.PublicKey.ExportSubjectPublicKeyInfo())),
        });
    });

    private Task WriteAsync(string name, string pem) => File.WriteAllTextAsync(Path.Combine(Issuer.Folder, name), pem);

    private HttpClient ClientWith(X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, presented, _, _) => presented!.GetCertHashString() == _server!.GetCertHashString();
        if (certificate is not null)
            handler.SslOptions.ClientCertificates = [certificate];
        return new HttpClient(handler);
    }

    private async Task<int> DrawAllAsync(X509Certificate2 certificate, int atMost)
    {
        using HttpClient client = ClientWith(certificate);
        byte[] body = await WellFormedAsync(client);
        int drawn = 0;
        while (drawn < atMost)
        {
            using HttpResponseMessage response = await client.SendAsync(IssuerClient.TokenRequest(Issuer.Address, apiKey: null, body), TestContext.Current.CancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
                break;
            }

            drawn++;
        }

        return drawn;
    }

    /// <summary>The last word of the problem type.</summary>
    private async Task<string> RefusalAsync(X509Certificate2? certificate)
    {
        using HttpClient client = ClientWith(certificate);
        using HttpResponseMessage response = await client.SendAsync(IssuerClient.TokenRequest(Issuer.Address, apiKey: null, await WellFormedAsync(client)), TestContext.Current.CancellationToken);
        JsonNode problem = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        return ((string)problem["type"]!).Split(':')[^1];
    }

    private async Task<byte[]> WellFormedAsync(HttpClient client)
    {
        byte[] document = await client.GetByteArrayAsync(new Uri(Issuer.Address, IssuerDirectory.WellKnownPath), TestContext.Current.CancellationToken);
        Assert.True(IssuerDirectory.TryParse(document, out IssuerDirectory? directory, out _));
        Assert.True(directory.TryFindUsable(2, DateTimeOffset.UtcNow, out TokenPublicKey? key, out _));
        byte[] element = RandomNumberGenerator.GetBytes(256);
        element[0] = 0;
        return [0, 2, key.TruncatedKeyId, .. element];
    }
}
