using Veil.Attestation;

namespace Veil.HostAgent;

/// <summary>The Attester of this machine (RFC 9334): a TEE that vouches for a value which only code inside it can have chosen.</summary>
public interface IAttester
{
    /// <summary>Has the TEE sign a value. May take hundreds of milliseconds: firmware is slow and throttled.</summary>
    /// <param name="boundValue">64 bytes, <see cref="HostClaims.BoundValue"/>.</param>
    /// <exception cref="AttesterException">There is no TEE, or it refused.</exception>
    AttestedValue Attest(ReadOnlySpan<byte> boundValue);
}
