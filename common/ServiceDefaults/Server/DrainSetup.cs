using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Veil.ServiceDefaults;

/// <summary>How long the host waits for open requests after SIGTERM.</summary>
internal sealed class DrainSetup(CheckedServerOptions options) : IConfigureOptions<HostOptions>
{
    public void Configure(HostOptions host) => host.ShutdownTimeout = options.Value?.DrainTime ?? host.ShutdownTimeout;
}
