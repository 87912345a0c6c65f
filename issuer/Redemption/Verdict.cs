namespace Veil.Issuer;

/// <summary>What becomes of a token at redemption.</summary>
public enum Verdict
{
    /// <summary>Genuine and spent now, by this redemption.</summary>
    Accepted,

    /// <summary>Genuine, and spent before by another redemption.</summary>
    Spent,

    /// <summary>Not a token, or its authenticator does not verify.</summary>
    Invalid,

    /// <summary>Under a key that this issuer does not know or does not use yet.</summary>
    UnknownKey,

    /// <summary>Under a key of this issuer whose grace is over.</summary>
    Expired,
}
