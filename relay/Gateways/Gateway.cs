using System.Net;
using Veil.Relay.Mirror;
using Veil.ServiceDefaults;

namespace Veil.Relay.Gateways;

/// <summary>A gateway with the connections to it, which all clients share.</summary>
internal sealed class Gateway : IDisposable
{
    /// <summary>
    /// Connection pools for HTTP/1.1. One pool hands the connection that came back last to the next request, which is often the same
    /// client's: with a pool drawn at random for each request a connection says nothing about who uses it. HTTP/2 shares one connection.
    /// </summary>
    private const int Http1Pools = 16;

    private readonly HttpMessageInvoker[] _pools;

    public Gateway(string name, GatewayOptions options)
    {
        Name = name;
        Url = options.Url!;
        Epoch = options.MirrorEpoch ? new Mirrored(DocumentKind.Epoch) : null;
        Version = System.Version.Parse(options.HttpVersion is "2" ? "2.0" : options.HttpVersion);
        _pools = new HttpMessageInvoker[Version == HttpVersion.Version11 ? Http1Pools : 1];
        for (int i = 0; i < _pools.Length; i++)
            _pools[i] = new HttpMessageInvoker(OutboundHandler.Create(options.Tls.ToAuthenticationOptions(), options.LocalAddress), disposeHandler: true);
    }

    public string Name { get; }

    public Uri Url { get; }

    public Version Version { get; }

    /// <summary>The mirror of its keys.</summary>
    public Mirrored Keys { get; } = new(DocumentKind.Keys);

    /// <summary>The mirror of its epoch; null where the operator says that it has none.</summary>
    public Mirrored? Epoch { get; }

    /// <summary>All that is mirrored of it.</summary>
    public IEnumerable<Mirrored> Documents => Epoch is null ? [Keys] : [Keys, Epoch];

    /// <summary>Connections for one request. The draw is independent of everything about the client, so it need not be unpredictable.</summary>
    public HttpMessageInvoker DrawPool() => _pools.Length == 1 ? _pools[0] : _pools[Random.Shared.Next(_pools.Length)];

    public void Dispose()
    {
        foreach (HttpMessageInvoker pool in _pools)
            pool.Dispose();
    }
}
