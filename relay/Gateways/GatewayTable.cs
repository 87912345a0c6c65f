using System.Collections.Frozen;
using Microsoft.Extensions.Options;

namespace Veil.Relay.Gateways;

/// <summary>The configured gateways by request path. The table is the whole of what a client can reach.</summary>
internal sealed class GatewayTable(IOptions<RelayOptions> options) : IDisposable
{
    private readonly FrozenDictionary<string, Gateway> _byPath =
        options.Value.Gateways.ToFrozenDictionary(entry => "/" + entry.Key, entry => new Gateway(entry.Key, entry.Value), StringComparer.Ordinal);

    public IReadOnlyList<Gateway> All => _byPath.Values;

    public Gateway? Find(PathString path) => path.Value is { } text && _byPath.TryGetValue(text, out Gateway? gateway) ? gateway : null;

    public void Dispose()
    {
        foreach (Gateway gateway in All)
            gateway.Dispose();
    }
}
