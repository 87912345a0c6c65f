using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Veil.HostAgent.Forwarding;
using Veil.HostAgent.Identity;
using Veil.ServiceDefaults;

namespace Veil.HostAgent;

/// <summary>The host agent without its TEE: the program that runs it says which attester there is.</summary>
public static class HostAgentApp
{
    /// <summary>Composes a host agent. Its first identity is made here, so that a machine without a TEE does not start.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="name">The command's name.</param>
    /// <param name="addAttester">Registers the one <see cref="IAttester"/> with its options.</param>
    /// <exception cref="StartupException">There is no TEE, or it gave no evidence.</exception>
    public static WebApplication Build(string[] args, string name, Action<IServiceCollection> addAttester)
    {
        ArgumentNullException.ThrowIfNull(addAttester);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
        builder.AddServiceDefaults(new ServiceDescription(name, typeof(Log)));
        builder.Services
            .AddValidatedOptions<HostOptions, HostOptionsRules>(HostOptions.Section)
            .AddSingleton<Func<IAttester>>(services => services.GetRequiredService<IAttester>)
            .AddValidatedOptions<LogOptions, LogOptionsRules>(LogOptions.Section)
            .AddSingleton<LogCheckpoint>()
            .AddSingleton<Func<LogSight?>>(services => services.GetRequiredService<LogCheckpoint>().Read)
            .AddSingleton<IdentityRing>()
            .AddHostedService<IdentityRotation>()
            .AddServerTls<RatlsServerTls>()
            .AddReadinessCheck("identity", services => services.GetRequiredService<IdentityRing>().IsReady)
            .AddSingleton<WorkloadForwarder>();
        addAttester(builder.Services);

        WebApplication app = builder.Build();
        app.MapServiceDefaults();
        MakeFirstIdentity(app.Services);
        app.Run(app.Services.GetRequiredService<WorkloadForwarder>().ForwardAsync);
        return app;
    }

    private static void MakeFirstIdentity(IServiceProvider services)
    {
        try
        {
            services.GetRequiredService<IdentityRing>().Advance();
        }
        catch (AttesterException refusal)
        {
            throw new StartupException(refusal.Message, refusal);
        }
    }
}
