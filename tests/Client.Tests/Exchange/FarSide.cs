using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using Veil.Attestation;
using Veil.Bhttp;
using Veil.ClientSdk;
using Veil.Ohttp;
using Veil.PrivacyPass;

namespace Veil.Client.Tests.Exchange;

/// <summary>
/// Relay, gateway and issuer in one listener on a real TLS socket: it opens what the client sealed with the real codecs, and a test sets what it
/// answers. What it saw stays for the test to look at.
/// </summary>
internal sealed class FarSide : IAsyncDisposable
{
    public const string Authority = "gateway.example";
    public const string Service = "chat.example";

    private static readonly Lazy<byte[]> IssuerPrivateKey = new(() => TokenType.Find(2)!.GeneratePrivateKey());
    private static readonly string[] BatchRequests = [PrivacyPassMediaTypes.AmortizedBatchRequest, PrivacyPassMediaTypes.GenericBatchRequest];

    private readonly WebApplication _app;
    private readonly X509Certificate2 _certificate;
    private readonly string _folder = System.IO.Directory.CreateTempSubdirectory("veil-far-side-").FullName;
    private IReadOnlyList<GatewayKey> _opening = [];
    private GatewayKeys _keys;
    private int _issued;

    private FarSide(WebApplication app, X509Certificate2 certificate)
    {
        _app = app;
        _certificate = certificate;
        _keys = UseKey(1);
    }

    public string Origin { get; private set; } = "";

    /// <summary>Outer requests, as "METHOD path" and header fields, and the address they came from.</summary>
    public ConcurrentQueue<(string Line, string Protocol, Dictionary<string, string> Fields, long Length, IPAddress From)> Outer { get; } = new();

    /// <summary>Inner requests to the service.</summary>
    public ConcurrentQueue<RequestHead> Inner { get; } = new();

    /// <summary>The issuer's keys and their starts, newest first.</summary>
    public IReadOnlyList<(TokenIssuerKey Key, DateTimeOffset? NotBefore)> IssuerKeys { get; set; } = [(TokenIssuerKey.Import(2, IssuerPrivateKey.Value), null)];

    public int Issued => _issued;

    public int ViewsServed { get; private set; }

    /// <summary>Answers the service's requests.</summary>
    public Func<InnerExchange, Task> OnService { get; set; } = async exchange =>
    {
        byte[] body = await exchange.ReadAllAsync();
        await exchange.AnswerAsync(200, body, new FieldSection().Add("content-type", "text/plain"));
    };

    public byte[] Mirror { get; set; } = [];

    /// <summary>The authority's log and what hangs from it; null for a gateway without one.</summary>
    public Epochs.EpochServer? Epochs { get; set; }

    /// <summary>Another such log, and the one client that is led there, by its address.</summary>
    public (IPAddress Client, Epochs.EpochServer Epochs)? ShownToOne { get; set; }

    public Func<GatewayView, GatewayView> ChangeView { get; set; } = view => view;

    public Func<byte[], byte[]> ChangeSigned { get; set; } = signed => signed;

    public Func<byte[], byte[]> ChangeDirectory { get; set; } = directory => directory;

    /// <summary>Answers a POST before anything is opened; false to go on.</summary>
    public Func<HttpContext, Task<bool>> OnRelay { get; set; } = _ => Task.FromResult(false);

    /// <summary>Answers a token request before it is evaluated; false to go on.</summary>
    public Func<HttpContext, Task<bool>> OnIssuer { get; set; } = _ => Task.FromResult(false);

    /// <summary>Tokens of a batch that are issued before the account's quota is used up; a generic batch then is answered in part.</summary>
    public int Quota { get; set; } = int.MaxValue;

    public TokenChallenge Challenge => ChallengeOf(Directory(DirectoryBytes()).FindActive(DateTimeOffset.UtcNow)!.TokenType);

    public ServicePrice Price { get; set; } = new(1, 4, 64 << 20, 64 << 20, TimeSpan.FromMinutes(15));

    public TokenPublicKey IssuerKey => IssuerKeys[0].Key.PublicKey;

    public static async Task<FarSide> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        X509Certificate2 certificate = MakeCertificate();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificate = certificate }));
        });
        WebApplication app = builder.Build();
        var side = new FarSide(app, certificate);
        app.Run(side.HandleAsync);
        await app.StartAsync();
        side.Origin = $"https://localhost:{new Uri(app.Urls.First()).Port}";
        await System.IO.File.WriteAllTextAsync(side.File("roots.pem"), certificate.ExportCertificatePem());
        return side;
    }

    public string File(string name) => System.IO.Path.Combine(_folder, name);

    /// <summary>Replaces the gateway's key, and the mirror with it.</summary>
    public GatewayKeys UseKey(byte keyId)
    {
        _opening = [NewKey(keyId)];
        Mirror = KeyConfig.WriteCollection([_opening[0].Config]);
        return _keys = new GatewayKeys(_opening);
    }

    /// <summary>One more key that the gateway opens, which the mirror does not show: the configuration of it alone.</summary>
    public byte[] AddKey(byte keyId)
    {
        _opening = [.. _opening, NewKey(keyId)];
        _keys = new GatewayKeys(_opening);
        return KeyConfig.WriteCollection([_opening[^1].Config]);
    }

    public VeilOptions Options(bool chunked = false, bool tokens = false, int tokenTarget = 3, int documentSeconds = 30, int tokenBatch = 100, int hostDrawsAhead = 4, TimeSpan? viewLifetime = null, IPAddress? from = null) => new()
    {
        Relay = new Uri($"{Origin}/gateway"),
        Authority = Authority,
        TrustedRootsFile = File("roots.pem"),
        TrustBundleFile = Epochs?.WriteBundle(File("bundle.json")),
        WithoutLog = Epochs is null,
        SeenLogFile = Epochs is null ? null : File($"seen{from}"),
        LocalAddress = from,
        SecondRelay = Epochs is { AsksSecondRelay: true } ? new Uri($"{Origin}/other") : null,
        Chunked = chunked,
        Issuer = tokens ? new Uri(Origin) : null,
        ApiKey = tokens ? "account" : null,
        WalletFile = tokens ? File($"wallet{from}") : null,
        TokenTarget = tokenTarget,
        TokenReserve = 0,
        TokenBatch = tokenBatch,
        DocumentTimeout = TimeSpan.FromSeconds(documentSeconds),
        HostDrawsAhead = hostDrawsAhead,
        ViewLifetime = viewLifetime ?? TimeSpan.FromHours(1),
    };

    public byte[] SignView() => SignedView.Sign([_certificate], ChangeView(View()).Write());

    public HttpClient Client(bool chunked = false, bool tokens = false, int hostDrawsAhead = 4) => new(new VeilHandler(Options(chunked, tokens, hostDrawsAhead: hostDrawsAhead)));

    public TokenChallenge ChallengeOf(ushort type) => TokenChallenge.Create(type, new Uri(Origin).Authority, default, Authority);

    public static TokenIssuerKey NewIssuerKey(ushort type) => TokenIssuerKey.Import(type, TokenType.Find(type)!.GeneratePrivateKey());

    public static Uri Url(string path = "/") => new($"https://{Service}{path}");

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _certificate.Dispose();
        foreach ((TokenIssuerKey key, _) in IssuerKeys)
        {
            key.Dispose();
        }

        System.IO.Directory.Delete(_folder, recursive: true);
    }

    private static GatewayKey NewKey(byte keyId) => GatewayKey.Generate(keyId, 0x0020, SymmetricSuite.Aes128Gcm, SymmetricSuite.ChaCha20Poly1305);

    private static X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=far side", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddDnsName(Authority);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
    }

    private Epochs.EpochServer? EpochsFor(HttpContext context) =>
        ShownToOne is { } shown && shown.Client.Equals(context.Connection.RemoteIpAddress) ? shown.Epochs : Epochs;

    private async Task HandleAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        Outer.Enqueue((
            $"{request.Method} {request.Path}{request.QueryString}",
            request.Protocol,
            request.Headers.ToDictionary(field => field.Key.ToUpperInvariant(), field => field.Value.ToString()),
            request.ContentLength ?? -1,
            context.Connection.RemoteIpAddress!));
        switch (request.Method, request.Path.Value)
        {
            case ("GET", "/gateway" or "/other") when EpochsFor(context) is { } epochs && request.Headers.Accept == Veil.Transparency.Epochs.EpochPackage.MediaType:
                context.Response.ContentType = Veil.Transparency.Epochs.EpochPackage.MediaType;
                await context.Response.Body.WriteAsync(epochs.Mirror(request.Path == "/other"));
                break;
            case ("GET", "/gateway"):
                context.Response.ContentType = OhttpMediaType.Keys;
                await context.Response.Body.WriteAsync(Mirror);
                break;
            case ("POST", "/gateway"):
                if (!await OnRelay(context))
                {
                    await OpenAsync(context);
                }

                break;
            case ("GET", IssuerDirectory.WellKnownPath):
                context.Response.ContentType = PrivacyPassMediaTypes.IssuerDirectory;
                await context.Response.Body.WriteAsync(ChangeDirectory(DirectoryBytes()));
                break;
            case ("POST", "/token-request"):
                if (!await OnIssuer(context))
                {
                    await IssueAsync(context);
                }

                break;
            default:
                context.Response.StatusCode = 404;
                break;
        }
    }

    private async Task OpenAsync(HttpContext context)
    {
        InnerExchange? exchange = context.Request.ContentType is OhttpMediaType.ChunkedRequest
            ? await ChunkedInnerExchange.OpenAsync(context, _keys)
            : await OpenPlainAsync(context);
        if (exchange is null)
        {
            context.Response.StatusCode = 400;
            context.Response.ContentType = "application/problem+json";
            await context.Response.WriteAsync("""{"type":"https://iana.org/assignments/http-problem-types#ohttp-key","title":"key"}""");
        }
        else if (exchange.Head.Authority == Authority && EpochsFor(context) is { } epochs)
        {
            Assert.False(exchange.Head.Headers.Contains("authorization"));
            (string MediaType, byte[] Bytes)? document = epochs.Find(exchange.Head.Path);
            await exchange.AnswerAsync(document is null ? 404 : 200, document?.Bytes ?? [], new FieldSection().Add("content-type", document?.MediaType ?? "text/plain"));
        }
        else if (exchange.Head.Authority == Authority)
        {
            ViewsServed++;
            Assert.Equal("/.well-known/veil/view", exchange.Head.Path);
            Assert.False(exchange.Head.Headers.Contains("authorization"));
            await exchange.AnswerAsync(200, ChangeSigned(SignView()), new FieldSection().Add("content-type", SignedView.MediaType));
        }
        else
        {
            Inner.Enqueue(exchange.Head);
            await OnService(exchange);
        }
    }

    private async Task<InnerExchange?> OpenPlainAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        byte[] encapsulated = body.ToArray();
        var plain = new byte[encapsulated.Length];
        if (!RequestOpener.TryOpen(_keys, encapsulated, plain, out int written, out ResponseSealer sealer, out _))
        {
            return null;
        }

        Assert.True(BinaryRequest.TryParse(plain.AsMemory(0, written), null, out BinaryRequest? request, out BhttpError error), error.ToString());
        return new PlainInnerExchange(context, request.Content, sealer) { Head = request.Head };
    }

    private async Task IssueAsync(HttpContext context)
    {
        if (context.Request.Headers.Authorization != "Bearer account")
        {
            context.Response.StatusCode = 401;
            return;
        }

        Assert.Contains(context.Request.ContentType, BatchRequests);
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        bool amortized = context.Request.ContentType is PrivacyPassMediaTypes.AmortizedBatchRequest;
        byte[]? response = amortized ? IssueTogether(body.ToArray()) : IssueEach(context, body.ToArray());
        if (response is null)
        {
            context.Response.StatusCode = amortized ? 429 : 400;
            context.Response.ContentType = "application/problem+json";
            await context.Response.WriteAsync($$"""{"type":"urn:veil:problem:quota{{(amortized ? "" : "-for-batch")}}"}""");
            return;
        }

        context.Response.ContentType = amortized ? PrivacyPassMediaTypes.AmortizedBatchResponse : PrivacyPassMediaTypes.GenericBatchResponse;
        await context.Response.Body.WriteAsync(response);
    }

    private byte[]? IssueTogether(byte[] body)
    {
        Assert.True(AmortizedBatchRequest.TryParse(body, 1000, out AmortizedBatchRequest? request, out PrivacyPassError error), error.ToString());
        if (request.Count > Quota - _issued)
        {
            return null;
        }

        TokenIssuerKey key = IssuerKeys.Single(entry => entry.Key.Type == request.Type && entry.Key.PublicKey.TruncatedKeyId == request.TruncatedKeyId).Key;
        Assert.True(key.TryIssue(request, out byte[]? response, out error), error.ToString());
        Interlocked.Add(ref _issued, request.Count);
        return response;
    }

    private byte[]? IssueEach(HttpContext context, byte[] body)
    {
        Assert.True(GenericBatchRequest.TryParse(body, 1000, out GenericBatchRequest? batch, out PrivacyPassError error), error.ToString());
        byte[]?[] responses = [.. batch.TokenRequests.Select(Issue)];
        context.Response.StatusCode = Array.Exists(responses, response => response is null) ? 206 : 200;
        return Array.Exists(responses, response => response is not null) ? GenericBatchResponse.Write(batch, responses) : null;
    }

    private byte[]? Issue(ReadOnlyMemory<byte> encoded)
    {
        if (_issued >= Quota)
        {
            return null;
        }

        Assert.True(TokenRequest.TryParse(encoded.Span, out TokenRequest request, out PrivacyPassError error), error.ToString());
        (TokenType type, byte keyId) = (request.Type, request.TruncatedKeyId);
        TokenIssuerKey key = IssuerKeys.Single(entry => entry.Key.Type == type && entry.Key.PublicKey.TruncatedKeyId == keyId).Key;
        Assert.True(key.TryIssue(encoded.Span, out byte[]? response, out error), error.ToString());
        Interlocked.Increment(ref _issued);
        return response;
    }

    private static IssuerDirectory Directory(byte[] bytes) => IssuerDirectory.TryParse(bytes, out IssuerDirectory? directory, out PrivacyPassError error)
        ? directory
        : throw new InvalidOperationException(error.ToString());

    private GatewayView View() => new()
    {
        Authority = Authority,
        NotBefore = DateTimeOffset.UtcNow.AddHours(-2),
        NotAfter = DateTimeOffset.UtcNow.AddHours(2),
        Keys = Mirror,
        Issuer = DirectoryBytes(),
        Challenge = Challenge.Encoded.ToArray(),
        Services = [new ServiceView(Service, Price, [])],
    };

    public byte[] DirectoryBytes() => new IssuerDirectory(
        "/token-request", [.. IssuerKeys.Select(entry => new IssuerDirectoryKey(entry.Key.Type.Id, entry.Key.PublicKey.Encoding.ToArray(), entry.NotBefore))]).Write();
}
