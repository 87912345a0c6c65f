using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Veil.ServiceDefaults;

/// <summary>
/// A second, tiny Kestrel for <c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c>. It shares nothing with the public listener: no request
/// there can reach these endpoints, and they still answer while the public one drains.
/// </summary>
internal sealed class ManagementServer(
    IOptions<ServerOptions> options, IServiceProvider services, ILoggerFactory loggers, Readiness readiness, MetricsCollector metrics)
    : IHostedService, IHttpApplication<HttpContext>, IDisposable
{
    /// <summary>A scraper, a prober and an operator at a time; the rest is a mistake.</summary>
    private const int MaxConnections = 32;

    private KestrelServer? _server;

    /// <summary>The address that it listens on, or <c>none</c>.</summary>
    public string Address => _server?.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "none";

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.ManagementListen is not { } listen)
            return Task.CompletedTask;
        metrics.Start();
        var kestrel = new KestrelServerOptions { ApplicationServices = services, AddServerHeader = false };
        kestrel.Limits.MaxConcurrentConnections = MaxConnections;
        kestrel.Limits.MaxRequestBodySize = 0;
        kestrel.Listen(EndPointTextAttribute.Parse(listen), listenOptions => listenOptions.Protocols = HttpProtocols.Http1);
        _server = new KestrelServer(Options.Create(kestrel), new SocketTransportFactory(Options.Create(new SocketTransportOptions()), loggers), loggers);
        return _server.StartAsync(this, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => _server?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public void Dispose() => _server?.Dispose();

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    public Task ProcessRequestAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method))
            return WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "GET only\n");
        return context.Request.Path.Value switch
        {
            "/healthz" => WriteAsync(context, StatusCodes.Status200OK, "alive\n"),
            "/readyz" => WriteReadinessAsync(context),
            "/metrics" => WriteAsync(context, StatusCodes.Status200OK, metrics.Write(), MetricsCollector.MediaType),
            _ => WriteAsync(context, StatusCodes.Status404NotFound, "/healthz, /readyz or /metrics\n"),
        };
    }

    private Task WriteReadinessAsync(HttpContext context)
    {
        List<string> missing = readiness.Missing();
        return missing.Count == 0
            ? WriteAsync(context, StatusCodes.Status200OK, "ready\n")
            : WriteAsync(context, StatusCodes.Status503ServiceUnavailable, $"not ready: {string.Join(", ", missing)}\n");
    }

    private static Task WriteAsync(HttpContext context, int status, string text, string mediaType = "text/plain; charset=utf-8")
    {
        byte[] body = Encoding.UTF8.GetBytes(text);
        context.Response.StatusCode = status;
        context.Response.ContentType = mediaType;
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
