using Microsoft.Extensions.Options;
using Veil.ServiceDefaults;

namespace Veil.Relay.Limits;

/// <summary>How many exchanges, and how many held bytes, fit in this relay at once.</summary>
internal sealed class RelayRoom(IOptions<RelayOptions> options)
{
    public Room Exchanges { get; } = new(options.Value.MaxConcurrentRequests);

    public Room HeldBytes { get; } = new(options.Value.MaxBufferedBytes);
}
