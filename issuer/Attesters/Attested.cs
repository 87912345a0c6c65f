using Veil.ServiceDefaults;

namespace Veil.Issuer;

/// <summary>What the attesters say of a request: exactly one of the two is set.</summary>
/// <param name="Account">Who draws.</param>
/// <param name="Refusal">What to answer instead.</param>
internal readonly record struct Attested(AttestedAccount? Account, Problem? Refusal)
{
    /// <summary>An attester vouches for this account.</summary>
    public static implicit operator Attested(AttestedAccount account) => new(account, null);

    /// <summary>No attester does.</summary>
    public static implicit operator Attested(Problem refusal) => new(null, refusal);
}
