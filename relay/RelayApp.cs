using Veil.ServiceDefaults;

namespace Veil.Relay;

/// <summary>The relay, composed.</summary>
public static class RelayApp
{
    /// <summary>The command's name.</summary>
    public const string Name = "veil-relay";

    /// <summary>Composes a relay from configuration.</summary>
    public static WebApplication Build(string[] args)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
        builder.AddServiceDefaults(new ServiceDescription(Name));

        WebApplication app = builder.Build();
        app.MapServiceDefaults();
        return app;
    }
}
