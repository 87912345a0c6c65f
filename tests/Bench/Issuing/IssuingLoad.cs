using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Veil.Bench.Measuring;
using Veil.PrivacyPass;
using Veil.Proofs.Issuer;

namespace Veil.Bench.Issuing;

/// <summary>
/// The issuer's program on the first core, with a key of one type, and the requests that it will be sent: batches of 100 tokens, made before the clock starts.
/// One client sends them over HTTP/2 and TLS, eight at a time.
/// </summary>
internal sealed class IssuingLoad : IAsyncDisposable
{
    private const int TokensPerBatch = 100;
    private const int BatchesAtATime = 8;

    /// <summary>The answer of one batch in a hundred is unblinded and verified, after the clock has stopped.</summary>
    private const int VerifyOneIn = 100;

    private readonly IssuerProcess _issuer;
    private readonly HttpClient _http;
    private readonly PendingBatch[] _batches;

    private IssuingLoad(IssuerProcess issuer, HttpClient http, PendingBatch[] batches)
    {
        _issuer = issuer;
        _http = http;
        _batches = batches;
    }

    /// <summary>CPU time of the issuer so far.</summary>
    public long CpuNanoseconds => CpuClock.ProcessNanoseconds(_issuer.ProcessId);

    /// <summary>Tokens in one round.</summary>
    public int TokensPerRound => _batches.Length * TokensPerBatch;

    /// <summary>Starts the issuer and makes the requests.</summary>
    /// <param name="type">Token type of its key.</param>
    /// <param name="batches">How many batches make a round; every one is different.</param>
    public static async Task<IssuingLoad> StartAsync(ushort type, int batches)
    {
        IssuerProcess issuer = await IssuerProcess.CreateAsync(configuration => configuration["Keys"]!["TokenType"] = type);
        string apiKey = await issuer.AddAccountAsync("load", quota: 100_000_000);
        X509Certificate2 certificate = await ServeTlsAsync(issuer, type);
        await issuer.StartAsync(Cores.OnTheFirst);
        HttpClient http = NewClient(issuer.Address, certificate, apiKey);
        try
        {
            TokenPublicKey key = await KeyAsync(http, type);
            TokenChallenge challenge = TokenChallenge.Create(type, "issuer.example", [], "gateway.example");
            PendingBatch[] pending = new PendingBatch[batches];
            Parallel.For(0, batches, i => pending[i] = PendingBatch.TryCreate(key, challenge, TokensPerBatch, out PendingBatch? made, out PrivacyPassError error)
                ? made
                : throw new InvalidOperationException($"Blinding failed: {error}."));
            return new IssuingLoad(issuer, http, pending);
        }
        catch
        {
            http.Dispose();
            await issuer.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends every batch once and gives tokens a second.</summary>
    public async Task<double> RoundAsync()
    {
        byte[][] answers = new byte[_batches.Length][];
        long started = Stopwatch.GetTimestamp();
        await Parallel.ForAsync(0, _batches.Length, new ParallelOptions { MaxDegreeOfParallelism = BatchesAtATime }, async (i, _) => answers[i] = await SendAsync(_batches[i]));
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        for (int i = 0; i < answers.Length; i += VerifyOneIn)
        {
            if (!_batches[i].TryFinalize(answers[i], out IReadOnlyList<Token>? tokens, out PrivacyPassError error) || tokens.Count != TokensPerBatch)
                throw new InvalidOperationException($"An answer does not verify: {error}.");
        }

        return TokensPerRound / seconds;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        Array.ForEach(_batches, batch => batch.Dispose());
        await _issuer.DisposeAsync();
    }

    private static async Task<X509Certificate2> ServeTlsAsync(IssuerProcess issuer, ushort type)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        X509Certificate2 certificate = new CertificateRequest("CN=issuer", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
        await File.WriteAllTextAsync(Path.Combine(issuer.Folder, "tls.pem"), certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(issuer.Folder, "tls.key"), key.ExportPkcs8PrivateKeyPem());
        issuer.Configure(configuration =>
        {
            configuration["Keys"]!["TokenType"] = type;
            JsonNode server = configuration["Server"]!;
            server["AllowPlaintext"] = false;
            server["CertificateFile"] = "tls.pem";
            server["KeyFile"] = "tls.key";
        });
        return certificate;
    }

    private static HttpClient NewClient(Uri issuer, X509Certificate2 certificate, string apiKey)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ActivityHeadersPropagator = null,
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, presented, _, _) => presented?.GetCertHashString() == certificate.GetCertHashString(),
            },
        };
        return new HttpClient(handler)
        {
            BaseAddress = issuer,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", apiKey) },
            Timeout = TimeSpan.FromMinutes(2),
        };
    }

    private static async Task<TokenPublicKey> KeyAsync(HttpClient http, ushort type)
    {
        byte[] document = await http.GetByteArrayAsync(IssuerDirectory.WellKnownPath);
        return IssuerDirectory.TryParse(document, out IssuerDirectory? directory, out PrivacyPassError error)
            && directory.TryFindUsable(type, DateTimeOffset.UtcNow, out TokenPublicKey? key, out error)
                ? key
                : throw new InvalidOperationException($"No usable key of type {type}: {error}.");
    }

    private async Task<byte[]> SendAsync(PendingBatch batch)
    {
        using var content = new ReadOnlyMemoryContent(batch.Request) { Headers = { ContentType = new MediaTypeHeaderValue(batch.RequestMediaType) } };
        using HttpResponseMessage response = await _http.PostAsync("/token-request", content);
        return response.StatusCode is HttpStatusCode.OK
            ? await response.Content.ReadAsByteArrayAsync()
            : throw new InvalidOperationException($"The issuer answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
    }
}
