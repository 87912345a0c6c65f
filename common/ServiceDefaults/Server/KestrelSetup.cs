using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Veil.ServiceDefaults;

/// <summary>Kestrel's public listener and its limits.</summary>
internal sealed class KestrelSetup(IServiceProvider services, CheckedServerOptions options, IEnumerable<OwnServerTls> ownTls) : IConfigureOptions<KestrelServerOptions>
{
    /// <summary>Request bodies stay small unless an endpoint raises its own limit: nobody reads an unbounded body by accident.</summary>
    private const long MaxRequestBodySize = 1024 * 1024;

    public void Configure(KestrelServerOptions kestrel)
    {
        if (options.Value is not { } server)
            return;
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = server.MaxConnections;
        kestrel.Limits.MaxConcurrentUpgradedConnections = 0;
        kestrel.Limits.MaxRequestBodySize = MaxRequestBodySize;
        kestrel.Limits.MaxRequestHeadersTotalSize = server.MaxRequestHeaderBytes;
        kestrel.Limits.RequestHeadersTimeout = server.RequestHeadersTimeout;
        kestrel.Limits.KeepAliveTimeout = server.KeepAliveTimeout;
        kestrel.Limits.Http2.MaxStreamsPerConnection = server.MaxStreamsPerConnection;
        kestrel.Limits.Http2.MaxRequestHeaderFieldSize = Math.Min(server.MaxRequestHeaderBytes, 16 * 1024);

        kestrel.Listen(EndPointTextAttribute.Parse(server.Listen), listen =>
        {
            if (server.CertificateFile is null && !ownTls.Any())
                return;
            IServerTls tls = services.GetRequiredService<IServerTls>();
            listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                HandshakeTimeout = server.HandshakeTimeout,
                OnConnection = _ => new(tls.ForConnection()),
            });
        });
    }
}
