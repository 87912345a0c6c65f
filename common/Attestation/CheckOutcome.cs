namespace Veil.Attestation;

/// <summary>How a check ended.</summary>
public enum CheckOutcome
{
    /// <summary>What was found is what is wanted.</summary>
    Passed,

    /// <summary>What was found is not wanted, or could not be judged and the policy does not accept that.</summary>
    Failed,

    /// <summary>Nothing judged this, and whoever asked accepts that by name. Never counted as passed.</summary>
    Gap,
}
