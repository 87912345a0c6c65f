namespace Veil.Transparency.Epochs;

/// <summary>What an older head is asked for.</summary>
public enum ElderRole
{
    /// <summary>Which OHTTP and issuer keys were announced.</summary>
    Announcing,

    /// <summary>Which releases and which policy were public.</summary>
    Maturing,
}
