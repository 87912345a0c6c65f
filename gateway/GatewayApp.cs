using Veil.ServiceDefaults;

namespace Veil.Gateway;

/// <summary>The composition of the <c>veil-gateway</c> program.</summary>
internal static class GatewayApp
{
    /// <summary>The command's name.</summary>
    public const string Name = "veil-gateway";

    /// <summary>Builds the gateway; <paramref name="compose"/> lets a test or a measurement add or replace parts.</summary>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? compose = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
        builder.AddServiceDefaults(new ServiceDescription(Name, typeof(Log)));
        builder.Services
            .AddOhttpKeys()
            .AddEncapsulation()
            .AddTokens()
            .AddHosts()
            .AddEpochs()
            .AddDestinations();
        compose?.Invoke(builder);

        WebApplication app = builder.Build();
        app.MapServiceDefaults();
        app.MapGatewayResource();
        return app;
    }
}
