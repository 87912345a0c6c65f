namespace Veil.Relay;

/// <summary>Puts the relay's one endpoint at the end of the pipeline, without routing: the table of gateways is the router.</summary>
internal static class RelayEndpointRegistration
{
    public static void MapRelay(this WebApplication app) => app.Run(app.Services.GetRequiredService<RelayEndpoint>().HandleAsync);
}
