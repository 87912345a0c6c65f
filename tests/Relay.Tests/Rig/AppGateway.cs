using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Veil.Relay.Tests.Rig;

/// <summary>A gateway with the behaviour that a test gives, over HTTP/2 or HTTP/1.1.</summary>
public sealed class AppGateway : IAsyncDisposable
{
    private readonly WebApplication _app;

    private AppGateway(WebApplication app) => _app = app;

    public Uri Url => new(new Uri(_app.Urls.Single()), "/.well-known/ohttp-gateway");

    public static async Task<AppGateway> StartAsync(TestCertificates certificates, RequestDelegate post, Func<string>? keys = null, Func<string>? epoch = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(certificates.Server);
            });
        });
        WebApplication app = builder.Build();
        app.Run(context =>
        {
            if (HttpMethods.IsPost(context.Request.Method))
                return post(context);
            if (epoch is not null && context.Request.Headers.Accept == MediaTypes.Epoch)
            {
                context.Response.ContentType = MediaTypes.Epoch;
                return context.Response.WriteAsync(epoch());
            }
            context.Response.ContentType = MediaTypes.Keys;
            return context.Response.WriteAsync(keys?.Invoke() ?? "keys");
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new AppGateway(app);
    }

    /// <summary>A whole sealed answer.</summary>
    public static RequestDelegate Answer(string text, string mediaType = MediaTypes.Response, int status = 200) => async context =>
    {
        await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        context.Response.StatusCode = status;
        context.Response.ContentType = mediaType;
        context.Response.ContentLength = text.Length;
        await context.Response.WriteAsync(text, context.RequestAborted);
    };

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
