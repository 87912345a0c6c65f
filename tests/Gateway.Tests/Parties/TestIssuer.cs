using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Veil.PrivacyPass;

namespace Veil.Gateway.Tests.Parties;

/// <summary>An issuer with a real key, whose spent tokens lie in memory, and whose answers can be lost.</summary>
internal sealed class TestIssuer : IAsyncDisposable
{
    private const ushort Type = 2;
    private readonly WebApplication _app;
    private readonly TokenIssuerKey _key;
    private readonly ConcurrentDictionary<string, string> _spentBy = new();

    private TestIssuer(WebApplication app, TokenIssuerKey key)
    {
        _app = app;
        _key = key;
        Directory = new IssuerDirectory("/token-request", [new(Type, key.PublicKey.Encoding.ToArray(), null)]).Write();
    }

    /// <summary>How many of the next redemption calls are answered with 503 after they took effect.</summary>
    public int AnswersToLose { get; set; }

    /// <summary>What happens before a verdict is given.</summary>
    public Func<Task> BeforeVerdict { get; set; } = () => Task.CompletedTask;

    /// <summary>True: the directory and redemptions answer 503.</summary>
    public bool IsDown { get; set; }

    public byte[] Directory { get; }

    public string Url => _app.Urls.First();

    public int SpentCount => _spentBy.Count;

    public static async Task<TestIssuer> StartAsync(TestCertificate certificate)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.UseHttps(certificate.Load())));
        WebApplication app = builder.Build();
        var issuer = new TestIssuer(app, TokenIssuerKey.Import(Type, TokenType.Find(Type)!.GeneratePrivateKey()));
        app.Run(issuer.ServeAsync);
        await app.StartAsync();
        return issuer;
    }

    /// <summary>A token for a challenge.</summary>
    public byte[] Draw(ReadOnlySpan<byte> challenge)
    {
        Assert.True(TokenChallenge.TryParse(challenge, out TokenChallenge? parsed, out _));
        Assert.True(PendingToken.TryCreate(_key.PublicKey, parsed, out PendingToken? pending, out _));
        using (pending)
        {
            Assert.True(_key.TryIssue(pending.TokenRequest.Span, out byte[]? response, out _));
            Assert.True(pending.TryFinalize(response, out Token? token, out _));
            return token.Encoded.ToArray();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _key.Dispose();
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
        await BeforeVerdict();
        using JsonDocument body = await JsonDocument.ParseAsync(context.Request.Body);
        string[] verdicts =
        [
            .. body.RootElement.GetProperty("redemptions").EnumerateArray().Select(entry =>
                _spentBy.GetOrAdd(entry.GetProperty("token").GetString()!, entry.GetProperty("redemption_id").GetString()!) == entry.GetProperty("redemption_id").GetString() ? "accepted" : "spent"),
        ];
        if (AnswersToLose > 0)
        {
            AnswersToLose--;
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        await context.Response.WriteAsJsonAsync(new { verdicts });
    }
}
