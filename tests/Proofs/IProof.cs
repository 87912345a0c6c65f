namespace Veil.Proofs;

/// <summary>
/// A claim that takes minutes to show in full. The full size runs through <c>ops/prove.sh NAME</c>; a test runs the same code smaller.
/// A class that implements this is registered by being there.
/// </summary>
public interface IProof
{
    /// <summary>The name on the command line and of the record in <c>ops/docs/proofs</c>.</summary>
    string Name { get; }

    /// <summary>What is shown, in one line.</summary>
    string Description { get; }

    /// <summary>Minutes that the full size takes on two cores.</summary>
    int Minutes { get; }

    /// <summary>Shows it, or returns a result that did not pass; an exception counts as not passed.</summary>
    Task<ProofResult> RunAsync(ProofContext context);
}
