using Veil.Attestation;

namespace Veil.ClientSdk;

/// <summary>A host that stands in the fleet which the head names, not yet appraised.</summary>
/// <param name="Record">Its record.</param>
/// <param name="Claims">Its claims, parsed.</param>
/// <param name="Consistency">The proof that the log continues the checkpoint in its claims; untrusted.</param>
internal sealed record FleetHost(HostRecord Record, HostClaims Claims, IReadOnlyList<ReadOnlyMemory<byte>> Consistency);
