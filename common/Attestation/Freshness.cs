namespace Veil.Attestation;

/// <summary>What a relying party asks for so that old evidence cannot stand for new (attestation facts: nonce, epoch or boot).</summary>
public enum Freshness
{
    /// <summary>The key lives for one key epoch: claims may hold no longer than the policy's longest lifetime. An extracted key is of use until then.</summary>
    Epoch,

    /// <summary>The key lives as long as the guest: claims may hold for any time. For machines whose guests never run for long.</summary>
    Boot,

    /// <summary>As <see cref="Epoch"/>, and the report binds a nonce that the relying party chose for this appraisal. A relay could link such nonces to a client.</summary>
    Nonce,
}
