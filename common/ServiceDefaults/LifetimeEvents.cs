using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Veil.ServiceDefaults;

/// <summary>Logs when a service listens, drains and has stopped.</summary>
internal sealed class LifetimeEvents(
    ILogger<LifetimeEvents> logger,
    ServiceDescription description,
    IServer server,
    ManagementServer management,
    IHostApplicationLifetime lifetime,
    IOptions<ServerOptions> options) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(() =>
            logger.Started(description.Name, string.Join(' ', server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []), management.Address));
        lifetime.ApplicationStopping.Register(() => logger.Draining(options.Value.DrainTime.TotalSeconds));
        lifetime.ApplicationStopped.Register(logger.Stopped);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
