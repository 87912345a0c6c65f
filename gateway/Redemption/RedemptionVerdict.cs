namespace Veil.Gateway.Redemption;

/// <summary>What the issuer said about one token.</summary>
internal enum RedemptionVerdict
{
    /// <summary>No verdict could be had in time.</summary>
    Unavailable,

    /// <summary>The token was good and is spent now, by this request.</summary>
    Accepted,

    /// <summary>Another request spent it before.</summary>
    Spent,

    /// <summary>The issuer did not sign it.</summary>
    Invalid,

    /// <summary>The issuer has no such key.</summary>
    UnknownKey,

    /// <summary>The key's grace period is over.</summary>
    Expired,
}
