using Microsoft.Extensions.Options;
using Veil.Gateway.Hosts;
using Veil.Gateway.Redemption;
using Veil.Gateway.Tokens;

namespace Veil.Gateway.Services;

/// <summary>The routes of all configured services.</summary>
internal sealed class ServiceRoutes(IOptions<GatewayOptions> options, TokenGate gate, RedemptionClient issuer, HostPools hosts)
{
    /// <summary>One for each service.</summary>
    public IReadOnlyList<ServiceRoute> All { get; } =
        [.. options.Value.Services.Select(service => new ServiceRoute(service, gate, issuer, hosts.Of(service.Authority)))];
}
