using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Veil.Relay.Forwarding;

/// <summary>Registers the forwarder. Nothing outside this folder knows YARP.</summary>
internal static class ForwardingRegistration
{
    public static IServiceCollection AddForwarding(this IServiceCollection services)
    {
        services.AddHttpForwarder();
        services.Configure<SocketTransportOptions>(sockets => sockets.UnsafePreferInlineScheduling = true);
        return services.AddSingleton<RequestEndpoint>().AddSingleton<RelayEndpoint>();
    }
}
