namespace Veil.Attestation;

/// <summary>An instant after which a check that passed fails, whatever else stays as it is.</summary>
/// <param name="Name">The check, one of <see cref="CheckNames"/>.</param>
/// <param name="At">The last instant at which it passes.</param>
/// <param name="Source">What ends then: "VCEK not_after", "ARK revocation list next_update".</param>
public sealed record Deadline(string Name, DateTimeOffset At, string Source);
