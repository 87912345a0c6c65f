using Microsoft.Extensions.Options;
using Veil.Gateway.Discovery;
using Veil.Gateway.Encapsulation;
using Veil.Gateway.Epochs;
using Veil.Gateway.Hosts;
using Veil.Gateway.Inner;
using Veil.Gateway.Keys;
using Veil.Gateway.Redemption;
using Veil.Gateway.Replay;
using Veil.Gateway.Services;
using Veil.Gateway.Tokens;
using Veil.Gateway.View;
using Veil.ServiceDefaults;

namespace Veil.Gateway;

/// <summary>The parts of a gateway, one line a feature.</summary>
internal static class GatewayRegistration
{
    /// <summary>Adds the OHTTP keys and their rotation.</summary>
    public static IServiceCollection AddOhttpKeys(this IServiceCollection services) => services
        .AddValidatedOptions<OhttpKeyOptions, OhttpKeyOptionsRules>(OhttpKeyOptions.Section)
        .AddWorker<OhttpKeys>()
        .AddSingleton<KeyDiscovery>();

    /// <summary>Adds the resource that relays post to.</summary>
    public static IServiceCollection AddEncapsulation(this IServiceCollection services) => services
        .AddValidatedOptions<GatewayOptions, GatewayOptionsRules>(GatewayOptions.Section)
        .AddValidatedOptions<ReplayOptions>(ReplayOptions.Section)
        .AddSingleton<GatewayMetrics>()
        .AddSingleton<ReplayWindow>()
        .AddSingleton<RelayPins>()
        .AddClientCertificates(provider => provider.GetRequiredService<RelayPins>().Accepts)
        .AddSingleton<InnerPipeline>()
        .AddSingleton<PlainExchange>()
        .AddSingleton<ChunkedExchange>()
        .AddSingleton<GatewayResource>();

    /// <summary>Adds the issuer's keys and the redemption.</summary>
    public static IServiceCollection AddTokens(this IServiceCollection services) => services
        .AddValidatedOptions<TokenOptions, TokenOptionsRules>(TokenOptions.Section)
        .AddValidatedOptions<RedemptionOptions, RedemptionOptionsRules>(RedemptionOptions.Section)
        .AddWorker<IssuerKeys>()
        .AddSingleton<TokenGate>()
        .AddSingleton<RedemptionMetrics>()
        .AddWorker<RedemptionClient>()
        .AddReadinessCheck("issuer-keys", provider => provider.GetRequiredService<IssuerKeys>().IsReady);

    /// <summary>Adds the services' verified hosts.</summary>
    public static IServiceCollection AddHosts(this IServiceCollection services) => services
        .AddValidatedOptions<HostsOptions, HostsOptionsRules>(HostsOptions.Section)
        .AddSingleton<HostPolicies>()
        .AddSingleton<HostGate>()
        .AddWorker<HostPools>()
        .AddReadinessCheck("hosts", provider => provider.GetRequiredService<HostPools>().AllServed);

    /// <summary>Adds the authority's epochs: their heads in the log, and what they name.</summary>
    public static IServiceCollection AddEpochs(this IServiceCollection services) => services
        .AddValidatedOptions<EpochOptions, EpochOptionsRules>(EpochOptions.Section)
        .AddSingleton<PublishedLog>()
        .AddSingleton<EpochShelf>()
        .AddSingleton<EpochDocuments>()
        .AddSingleton<Promises>()
        .AddWorker<EpochPublisher>()
        .AddReadinessCheck("epoch", provider => provider.GetRequiredService<EpochPublisher>().IsReady);

    /// <summary>Adds what inner requests can reach: this gateway's documents and the configured services.</summary>
    public static IServiceCollection AddDestinations(this IServiceCollection services) => services
        .AddValidatedOptions<ViewOptions>(ViewOptions.Section)
        .AddSingleton<ViewPublisher>()
        .AddSingleton<IInnerDestination, OwnDocuments>()
        .AddSingleton<ServiceRoutes>();

    /// <summary>Hands everything that arrives to the gateway resource.</summary>
    public static WebApplication MapGatewayResource(this WebApplication app)
    {
        // Keys first: a gateway that cannot open requests does not listen.
        app.Services.GetRequiredService<OhttpKeys>();
        app.Run(app.Services.GetRequiredService<GatewayResource>().HandleAsync);
        return app;
    }

    private static IServiceCollection AddWorker<TWorker>(this IServiceCollection services)
        where TWorker : BackgroundService =>
        services.AddSingleton<TWorker>().AddHostedService(provider => provider.GetRequiredService<TWorker>());
}
