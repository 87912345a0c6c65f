namespace Veil.Fuzz;

/// <summary>How many inputs a target took, and the first that made it throw: seed, hex and exception.</summary>
public sealed record MutationRun(long Inputs, string? Find);
