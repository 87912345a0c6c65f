using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Veil.ServiceDefaults;

/// <summary>What every service of ours has: configuration, quiet logs, TLS, health, metrics and a clean end.</summary>
public static class ServiceDefaultsRegistration
{
    /// <summary>
    /// Adds the defaults to a builder made by <see cref="WebApplication.CreateSlimBuilder(string[])"/>: the optional <c>--config FILE</c> (between
    /// <c>appsettings.json</c> and the environment), the allow-list logger, <see cref="ServerOptions"/> with Kestrel, the management
    /// listener, and no trace context in or out. Register an <see cref="IServerTls"/> to replace the TLS made of <see cref="ServerOptions"/>.
    /// </summary>
    /// <exception cref="StartupException">The file named by <c>--config</c> is absent or not JSON.</exception>
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder, ServiceDescription description)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(description);
        ConfigFile.Add(builder.Configuration);
        builder.WebHost.UseKestrelHttpsConfiguration();

        IServiceCollection services = builder.Services;
        services.AddSingleton(description);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new LogOutput(Console.Out));
        services.AddSingleton<ILoggerFactory, AllowListLoggerFactory>();
        services.AddSingleton<DistributedContextPropagator, NoPropagation>();
        services.AddValidatedOptions<ServerOptions, ServerOptionsRules>(ServerOptions.Section);
        services.AddSingleton<CheckedServerOptions>();
        services.TryAddSingleton<IServerTls, PemServerTls>();
        services.AddSingleton<IConfigureOptions<KestrelServerOptions>, KestrelSetup>();
        services.AddSingleton<IConfigureOptions<HostOptions>, DrainSetup>();
        services.AddSingleton<MetricsCollector>();
        services.AddSingleton<Readiness>();
        services.AddSingleton<ManagementServer>();
        services.AddHostedService(provider => provider.GetRequiredService<ManagementServer>());
        services.AddHostedService<OtlpExport>();
        services.AddHostedService<LifetimeEvents>();
        return builder;
    }

    /// <summary>
    /// Checks every registered option, all problems at once; call it first after building. The endpoints of the defaults live on the
    /// management listener, so nothing is mapped on the public one.
    /// </summary>
    /// <exception cref="OptionsValidationException">Options of one section are refused; the failures say what and why.</exception>
    /// <exception cref="AggregateException">Options of several sections are refused.</exception>
    public static WebApplication MapServiceDefaults(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        KnownSections.Check(app.Configuration, app.Services.GetServices<KnownSection>());
        app.Services.GetService<IStartupValidator>()?.Validate();
        return app;
    }

    /// <summary>Adds a named condition to <c>/readyz</c>. It is asked on every probe, so it reads a state and does no work.</summary>
    public static IServiceCollection AddReadinessCheck(this IServiceCollection services, string name, Func<IServiceProvider, bool> isReady) =>
        services.AddSingleton(provider => new ReadinessCheck(name, () => isReady(provider)));
}
