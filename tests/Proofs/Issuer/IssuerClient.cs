using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Veil.PrivacyPass;

namespace Veil.Proofs.Issuer;

/// <summary>What clients and gateways do with an issuer, over real sockets.</summary>
public sealed class IssuerClient : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, ActivityHeadersPropagator = null, PooledConnectionLifetime = TimeSpan.FromMinutes(1), Expect100ContinueTimeout = TimeSpan.FromSeconds(20) })
    {
        Timeout = TimeSpan.FromSeconds(20),
    };

    /// <summary>The challenge that all tokens answer.</summary>
    public static TokenChallenge Challenge { get; } = TokenChallenge.Create(2, "issuer.example", [], "gateway.example");

    /// <summary>What the issuer answered when it refused a token last.</summary>
    public string? LastRefusal { get; private set; }

    /// <summary>Sends any request.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => _http.SendAsync(request);

    /// <summary>The directory as it is served.</summary>
    public async Task<IssuerDirectory> DirectoryAsync(Uri issuer)
    {
        byte[] document = await _http.GetByteArrayAsync(new Uri(issuer, IssuerDirectory.WellKnownPath));
        return IssuerDirectory.TryParse(document, out IssuerDirectory? directory, out PrivacyPassError error)
            ? directory
            : throw new InvalidOperationException($"The directory is refused: {error}.");
    }

    /// <summary>The key that clients use now.</summary>
    public async Task<TokenPublicKey> KeyAsync(Uri issuer) =>
        (await DirectoryAsync(issuer)).TryFindUsable(2, DateTimeOffset.UtcNow, out TokenPublicKey? key, out PrivacyPassError error)
            ? key
            : throw new InvalidOperationException($"No usable key: {error}.");

    /// <summary>Draws tokens, a few at a time.</summary>
    public async Task<List<byte[]>> DrawAsync(Uri issuer, string apiKey, int count)
    {
        TokenPublicKey key = await KeyAsync(issuer);
        var tokens = new List<byte[]>();
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, _) =>
        {
            byte[] token = await DrawOneAsync(issuer, apiKey, key) ?? throw new InvalidOperationException($"No token was issued: {LastRefusal}");
            lock (tokens)
            {
                tokens.Add(token);
            }
        });
        return tokens;
    }

    /// <summary>Draws one token under a key; null when the issuer refuses.</summary>
    public async Task<byte[]?> DrawOneAsync(Uri issuer, string apiKey, TokenPublicKey key)
    {
        if (!PendingToken.TryCreate(key, Challenge, out PendingToken? pending, out PrivacyPassError error))
            throw new InvalidOperationException($"Blinding failed: {error}.");

        using (pending)
        {
            using HttpResponseMessage response = await SendAsync(TokenRequest(issuer, apiKey, pending.TokenRequest.ToArray()));
            if (!response.IsSuccessStatusCode)
            {
                LastRefusal = $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}";
                return null;
            }

            return pending.TryFinalize(await response.Content.ReadAsByteArrayAsync(), out Token? token, out error)
                ? token.Encoded.ToArray()
                : throw new InvalidOperationException($"The answer does not verify: {error}.");
        }
    }

    /// <summary>A request for one token.</summary>
    public static HttpRequestMessage TokenRequest(Uri issuer, string? apiKey, byte[] body, string mediaType = PrivacyPassMediaTypes.TokenRequest)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(issuer, "/token-request")) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        if (apiKey is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        return request;
    }

    /// <summary>Redeems tokens and gives the verdicts in order.</summary>
    /// <exception cref="HttpRequestException">No answer, or a refusal.</exception>
    public async Task<string[]> RedeemAsync(Uri issuer, IEnumerable<(byte[] Token, byte[] Id)> redemptions, string secret = IssuerProcess.GatewaySecret)
    {
        using HttpResponseMessage response = await SendAsync(RedemptionRequest(issuer, secret, RedemptionBody(redemptions)));
        response.EnsureSuccessStatusCode();
        using JsonDocument json = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
        return [.. json.RootElement.GetProperty("verdicts").EnumerateArray().Select(verdict => verdict.GetString()!)];
    }

    /// <summary>A redemption call with any body.</summary>
    public static HttpRequestMessage RedemptionRequest(Uri issuer, string? secret, string body, string mediaType = "application/json")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(issuer, "/redeem")) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        if (secret is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        return request;
    }

    /// <summary>The JSON of a redemption call.</summary>
    public static string RedemptionBody(IEnumerable<(byte[] Token, byte[] Id)> redemptions) => JsonSerializer.Serialize(new
    {
        redemptions = redemptions.Select(item => new { token = Base64Url.EncodeToString(item.Token), redemption_id = Base64Url.EncodeToString(item.Id) }),
    });

    /// <summary>A redemption id as a gateway draws it.</summary>
    public static byte[] NewId() => RandomNumberGenerator.GetBytes(16);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();
}
