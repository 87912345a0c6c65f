namespace Veil.Proofs;

/// <summary>What came out.</summary>
/// <param name="Passed">True when the claim held.</param>
/// <param name="Parameters">Sizes it ran with, by name.</param>
/// <param name="Figures">What was counted or measured, by name.</param>
public sealed record ProofResult(bool Passed, IReadOnlyDictionary<string, object> Parameters, IReadOnlyDictionary<string, object> Figures);
