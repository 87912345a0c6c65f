namespace Veil.Relay.Gateways;

/// <summary>Registers the table of gateways.</summary>
internal static class GatewaysRegistration
{
    public static IServiceCollection AddGateways(this IServiceCollection services) =>
        services.AddSingleton<GatewayTable>().AddSingleton<RelayMetrics>();
}
