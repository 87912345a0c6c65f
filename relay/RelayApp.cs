using Veil.Relay.Forwarding;
using Veil.Relay.Gateways;
using Veil.Relay.Limits;
using Veil.Relay.Mirror;
using Veil.ServiceDefaults;

namespace Veil.Relay;

/// <summary>The relay, composed.</summary>
public static class RelayApp
{
    /// <summary>The command's name.</summary>
    public const string Name = "veil-relay";

    /// <summary>Composes a relay from configuration.</summary>
    /// <param name="args">Command line, such as <c>--config relay.json</c> or <c>--Server:Listen=[::]:443</c>.</param>
    /// <param name="configure">Further registrations, made last.</param>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
        builder.AddServiceDefaults(new ServiceDescription(Name, typeof(Log)));
        builder.Services
            .AddValidatedOptions<RelayOptions, RelayOptionsRules>(RelayOptions.Section)
            .AddGateways()
            .AddLimits()
            .AddMirrors()
            .AddForwarding();
        configure?.Invoke(builder);

        WebApplication app = builder.Build();
        app.MapServiceDefaults();
        app.MapRelay();
        return app;
    }
}
