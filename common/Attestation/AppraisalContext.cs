namespace Veil.Attestation;

/// <summary>What a relying party brings to an appraisal beside its policy.</summary>
public sealed record AppraisalContext
{
    /// <summary>The verifier's time.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The nonce that the host had to bind, at least <see cref="HostClaims.MinNonceSize"/> bytes; empty where none was sent.</summary>
    public ReadOnlyMemory<byte> Nonce { get; init; }

    /// <summary>What the authority's log says of the checkpoint in the claims; null where the relying party follows no log: a checkpoint is then a named gap.</summary>
    public ClaimedCheckpoint? Checkpoint { get; init; }

    /// <summary>Signatures of manufacturers that were verified before; null verifies all anew.</summary>
    public VerifiedSignatures? Known { get; init; }
}
