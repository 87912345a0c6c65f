using Veil.Attestation.Snp;

namespace Veil.Attestation;

/// <summary>
/// What a Relying Party accepts (RFC 9334 section 8.5). The defaults are the safe ones, and an empty list never means "anything".
/// </summary>
public sealed class AppraisalPolicy
{
    /// <summary>The service that the host must claim, compared byte for byte.</summary>
    public required string Service { get; init; }

    /// <summary>
    /// Longest time between a claim's start and end. Default 24 h: an extracted key is of use for no longer, and a guest whose
    /// clock was turned gains nothing.
    /// </summary>
    public TimeSpan MaxClaimsLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How far the host's clock may be ahead of the verifier's when a key epoch begins. Default 60 s.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What keeps old evidence from standing for new. Default <see cref="Freshness.Epoch"/>.</summary>
    public Freshness Freshness { get; init; } = Freshness.Epoch;

    /// <summary>What to accept as AMD SEV-SNP evidence; null refuses the kind.</summary>
    public SnpPolicy? Snp { get; init; }
}
