using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Veil.Issuer.Tests.Rig;

/// <summary>An OpenID Connect provider on loopback over TLS: discovery, key set, and tokens with any claims under any key.</summary>
public sealed class IdentityProvider : IAsyncDisposable
{
    public const string Audience = "veil-issuer";

    private readonly WebApplication _app;
    private int _discoveries;

    private IdentityProvider(WebApplication app) => _app = app;

    public string Issuer => _app.Urls.Single().Replace("127.0.0.1", "localhost", StringComparison.Ordinal);

    /// <summary>Published keys.</summary>
    public List<ProviderKey> Keys { get; } = [];

    /// <summary>How often discovery was fetched.</summary>
    public int Discoveries => _discoveries;

    /// <summary>Answers instead of the provider, where it is not null.</summary>
    public RequestDelegate? Instead { get; set; }

    public static async Task<IdentityProvider> StartAsync(LocalAuthority authority)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(authority.ForServer())));
        WebApplication app = builder.Build();
        var provider = new IdentityProvider(app);
        provider.Keys.Add(ProviderKey.Rsa("first", "RS256"));
        app.Run(provider.Answer);
        await app.StartAsync();
        return provider;
    }

    /// <summary>Claims of a good token, valid for five minutes.</summary>
    public JsonObject Claims(string subject) => new()
    {
        ["iss"] = Issuer,
        ["sub"] = subject,
        ["aud"] = Audience,
        ["iat"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
        ["exp"] = DateTimeOffset.UtcNow.AddMinutes(5).ToUnixTimeSeconds(),
    };

    /// <summary>A good token under the newest key.</summary>
    public string Token(string subject) => Token(Claims(subject), Keys[^1]);

    /// <summary>A token of any claims.</summary>
    public static string Token(JsonObject claims, ProviderKey key, JsonObject? header = null)
    {
        header ??= new JsonObject { ["alg"] = key.Algorithm, ["kid"] = key.Id, ["typ"] = "JWT" };
        string signed = $"{Encode(header.ToJsonString())}.{Encode(claims.ToJsonString())}";
        return $"{signed}.{Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Keys.ForEach(key => key.Dispose());
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    private Task Answer(HttpContext context)
    {
        bool isDiscovery = context.Request.Path == "/.well-known/openid-configuration";
        if (isDiscovery)
            Interlocked.Increment(ref _discoveries);
        if (Instead is { } other)
            return other(context);

        JsonObject? document = isDiscovery ? new() { ["issuer"] = Issuer, ["jwks_uri"] = Issuer + "/keys" }
            : context.Request.Path == "/keys" ? new() { ["keys"] = new JsonArray([.. Keys.Select(key => (JsonNode)key.Published())]) }
            : null;
        context.Response.StatusCode = document is null ? 404 : 200;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(document?.ToJsonString() ?? "");
    }
}
