namespace Veil.Issuer;

/// <summary>Why a redemption call was refused as a whole.</summary>
internal enum RedemptionRequestError
{
    /// <summary>It was not.</summary>
    None,

    /// <summary>Not the JSON that is wanted, or no redemption in it.</summary>
    Malformed,

    /// <summary>More redemptions than one call may have.</summary>
    TooMany,
}
