using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Veil.PrivacyPass;

namespace Veil.Gateway.Tests.Parties;

/// <summary>An issuer with real keys, whose spent tokens lie in memory, and whose answers can be lost.</summary>
internal sealed class TestIssuer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, string> _spentBy = new();

    private TestIssuer(WebApplication app, TokenIssuerKey key)
    {
        _app = app;
        Keys = [(key, null)];
    }

    /// <summary>Its keys and their starts, newest first.</summary>
    public IReadOnlyList<(TokenIssuerKey Key, DateTimeOffset? NotBefore)> Keys { get; set; }

    /// <summary>The status that every redemption is refused with; null for verdicts.</summary>
    public int? Refusal { get; set; }

    /// <summary>Redemption calls that came.</summary>
    public int Calls { get; private set; }

    /// <summary>How many of the next redemption calls are answered with 503 after they took effect.</summary>
    public int AnswersToLose { get; set; }

    /// <summary>What happens before a verdict is given.</summary>
    public Func<Task> BeforeVerdict { get; set; } = () => Task.CompletedTask;

    /// <summary>True: the directory and redemptions answer 503.</summary>
    public bool IsDown { get; set; }

    public byte[] Directory => new IssuerDirectory("/token-request", [.. Keys.Select(entry => new IssuerDirectoryKey(entry.Key.Type.Id, entry.Key.PublicKey.Encoding.ToArray(), entry.NotBefore))]).Write();

    public string Url => _app.Urls.First();

    public int SpentCount => _spentBy.Count;

    public static async Task<TestIssuer> StartAsync(TestCertificate certificate)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.UseHttps(certificate.Load())));
        WebApplication app = builder.Build();
        var issuer = new TestIssuer(app, NewKey(2));
        app.Run(issuer.ServeAsync);
        await app.StartAsync();
        return issuer;
    }

    public static TokenIssuerKey NewKey(ushort type) => TokenIssuerKey.Import(type, TokenType.Find(type)!.GeneratePrivateKey());

    /// <summary>A token for a challenge, under the newest key of its type.</summary>
    public byte[] Draw(ReadOnlySpan<byte> challenge)
    {
        Assert.True(TokenChallenge.TryParse(challenge, out TokenChallenge? parsed, out _));
        TokenIssuerKey key = Keys.First(entry => entry.Key.Type.Id == parsed.TokenType).Key;
        Assert.True(PendingToken.TryCreate(key.PublicKey, parsed, out PendingToken? pending, out _));
        using (pending)
        {
            Assert.True(key.TryIssue(pending.TokenRequest.Span, out byte[]? response, out _));
            Assert.True(pending.TryFinalize(response, out Token? token, out _));
            return token.Encoded.ToArray();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        foreach ((TokenIssuerKey key, _) in Keys)
        {
            key.Dispose();
        }
    }

    private async Task ServeAsync(HttpContext context)
    {
        if (IsDown)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }
        else if (context.Request.Path == IssuerDirectory.WellKnownPath)
        {
            await context.Response.Body.WriteAsync(Directory);
        }
        else if (context.Request.Path == "/redeem" && context.Request.Headers.Authorization == "Bearer gateway-secret")
        {
            await RedeemAsync(context);
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        }
    }

    private async Task RedeemAsync(HttpContext context)
    {
        Calls++;
        if (Refusal is { } status)
        {
            context.Response.StatusCode = status;
            return;
        }

        await BeforeVerdict();
        using JsonDocument body = await JsonDocument.ParseAsync(context.Request.Body);
        string[] verdicts =
        [
            .. body.RootElement.GetProperty("redemptions").EnumerateArray()
                .Select(entry => Redeem(entry.GetProperty("token").GetString()!, entry.GetProperty("redemption_id").GetString()!)),
        ];
        if (AnswersToLose > 0)
        {
            AnswersToLose--;
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        await context.Response.WriteAsJsonAsync(new { verdicts });
    }

    private string Redeem(string token, string id) =>
        !PaddedBase64Url.TryDecode(token, out byte[]? bytes) || !Token.TryParse(bytes, out Token? parsed, out _) || !Keys.Any(entry => entry.Key.Verify(parsed)) ? "invalid"
        : _spentBy.GetOrAdd(token, id) == id ? "accepted"
        : "spent";
}
