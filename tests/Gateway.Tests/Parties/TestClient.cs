using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Veil.Bhttp;
using Veil.Ohttp;
using Veil.PrivacyPass;

namespace Veil.Gateway.Tests.Parties;

/// <summary>Seals and opens as a client does, and stands where the relay stands.</summary>
internal sealed class TestClient : IDisposable
{
    private readonly Uri _resource;

    public TestClient(Uri gateway, string rootFile, TestCertificate? certificate)
    {
        _resource = new Uri(gateway, "/.well-known/ohttp-gateway");
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(rootFile);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(roots);
        var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy },
            EnableMultipleHttp2Connections = true,
        };
        if (certificate is not null)
            handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(certificate.Load(), null, offline: true);
        Http = new HttpClient(handler) { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
    }

    public HttpClient Http { get; }

    public Uri Resource => _resource;

    public void Dispose() => Http.Dispose();

    public async Task<KeyConfig> KeyAsync()
    {
        Assert.True(KeyConfig.TryParseCollection(await Http.GetByteArrayAsync(_resource), out IReadOnlyList<KeyConfig>? configs, out _));
        return Assert.Single(configs);
    }

    /// <summary>A request as the SDK would make it; a token makes it pay.</summary>
    public static BinaryRequest Request(string authority, string path, byte[]? content = null, byte[]? token = null, DateTimeOffset? date = null, string? method = null, params (string Name, string Value)[] fields)
    {
        var section = new FieldSection().Add("date", (date ?? DateTimeOffset.UtcNow).ToString("r", CultureInfo.InvariantCulture));
        if (token is not null)
            section.Add("authorization", PrivateTokenAuthorization.Write(token));
        foreach ((string name, string value) in fields)
        {
            section.Add(name, value);
        }

        return new(new RequestHead(method ?? (content is null ? "GET" : "POST"), "https", authority, path, section), content ?? []);
    }

    public async Task<HttpResponseMessage> PostAsync(byte[] body, string mediaType = OhttpMediaType.Request)
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } };
        return await Http.PostAsync(_resource, content);
    }

    /// <summary>Sends a plain request and opens the answer.</summary>
    public async Task<BinaryResponse> SendAsync(BinaryRequest request, KeyConfig? key = null)
    {
        (byte[] sealedRequest, ResponseOpener opener) = Seal(key ?? await KeyAsync(), request);
        using (opener)
        {
            using HttpResponseMessage response = await PostAsync(sealedRequest);
            return await OpenAsync(response, opener);
        }
    }

    public static (byte[] Sealed, ResponseOpener Opener) Seal(KeyConfig key, BinaryRequest request)
    {
        byte[] plaintext = new byte[request.Size];
        Assert.True(request.TryWrite(plaintext, out _));
        byte[] destination = new byte[RequestSealer.GetSize(key, plaintext.Length)];
        ResponseOpener opener = RequestSealer.Seal(key, key.Choose()!.Value, plaintext, destination, out _);
        return (destination, opener);
    }

    public static async Task<BinaryResponse> OpenAsync(HttpResponseMessage response, ResponseOpener opener)
    {
        byte[] body = await response.Content.ReadAsByteArrayAsync();
        Assert.True(response.StatusCode is HttpStatusCode.OK, $"{(int)response.StatusCode} {System.Text.Encoding.UTF8.GetString(body)}");
        Assert.Equal(OhttpMediaType.Response, response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        byte[] plaintext = new byte[body.Length];
        Assert.True(opener.TryOpen(body, plaintext, out int written, out _));
        Assert.True(BinaryResponse.TryParse(plaintext.AsMemory(0, written), null, out BinaryResponse? answer, out _));
        Assert.Equal(Padding.SizeClass(written), written);
        return answer;
    }
}
