using Veil.Attestation;

namespace Veil.HostAgent;

/// <summary>What an attester hands out for one bound value.</summary>
/// <param name="Evidence">Signed by the TEE over the value.</param>
/// <param name="Endorsements">The manufacturer's certificates for the key that signed, as far as this machine has them.</param>
public sealed record AttestedValue(Evidence Evidence, IReadOnlyList<Endorsement> Endorsements);
