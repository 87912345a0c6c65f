namespace Veil.Attestation;

/// <summary>One service in a <see cref="GatewayView"/>.</summary>
/// <param name="Authority">The authority that a client's inner request names.</param>
/// <param name="Price">What a request costs and buys.</param>
/// <param name="Hosts">The claims of the hosts that were appraised and are in use, ordered by their bytes.</param>
public sealed record ServiceView(string Authority, ServicePrice Price, IReadOnlyList<ReadOnlyMemory<byte>> Hosts);
