using Veil.Relay.Gateways;
using Veil.ServiceDefaults;

namespace Veil.Relay.Mirror;

/// <summary>Registers the mirrors; the relay is ready when it has the keys of one gateway.</summary>
internal static class MirrorRegistration
{
    public static IServiceCollection AddMirrors(this IServiceCollection services) =>
        services
            .AddSingleton<MirrorEndpoint>()
            .AddHostedService<DocumentMirror>()
            .AddReadinessCheck("gateway-keys", provider => provider.GetRequiredService<GatewayTable>().All.Any(provider.GetRequiredService<MirrorEndpoint>().CanServe));
}
