using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Veil.ServiceDefaults;

/// <summary>Connections to other parties that carry what the caller says and nothing more.</summary>
public static class OutboundHandler
{
    /// <summary>
    /// A handler without proxy, cookies, redirects, decompression, trace headers and credentials. Connections are shared by all requests
    /// and replaced after <paramref name="connectionLifetime"/>, so that a changed address or certificate is noticed.
    /// </summary>
    /// <param name="tls">From <see cref="OutboundTlsOptions.ToAuthenticationOptions"/>, or the caller's own.</param>
    /// <param name="localAddress">IP address to connect from, for machines with several. Default: the system's choice.</param>
    /// <param name="connectionLifetime">Default 10 minutes.</param>
    public static SocketsHttpHandler Create(SslClientAuthenticationOptions tls, string? localAddress = null, TimeSpan? connectionLifetime = null)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            Credentials = null,
            PreAuthenticate = false,
            MaxResponseDrainSize = 0,
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = connectionLifetime ?? TimeSpan.FromMinutes(10),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            SslOptions = tls,
        };
        if (localAddress is not null)
        {
            IPAddress local = IPAddress.Parse(localAddress);
            handler.ConnectCallback = (context, cancellationToken) => ConnectAsync(local, context.DnsEndPoint, cancellationToken);
        }

        return handler;
    }

    private static async ValueTask<Stream> ConnectAsync(IPAddress localAddress, DnsEndPoint remote, CancellationToken cancellationToken)
    {
        var socket = new Socket(localAddress.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Bind(new IPEndPoint(localAddress, 0));
            await socket.ConnectAsync(remote, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch // Whatever went wrong goes on to the caller; only the socket must not stay open.
        {
            socket.Dispose();
            throw;
        }
    }
}
