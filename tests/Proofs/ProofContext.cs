namespace Veil.Proofs;

/// <summary>What a proof is run with.</summary>
/// <param name="Full">The full size, or the one that a test affords.</param>
/// <param name="Seed">The seed of everything random that should repeat.</param>
/// <param name="Progress">Where it says how far it is.</param>
/// <param name="Cancellation">Ends it early.</param>
public sealed record ProofContext(bool Full, int Seed, Action<string> Progress, CancellationToken Cancellation)
{
    /// <summary>A random source that repeats with <see cref="Seed"/>.</summary>
    public Random Random { get; } = new(Seed);

    /// <summary>One of two sizes.</summary>
    public int Size(int full, int small) => Full ? full : small;
}
