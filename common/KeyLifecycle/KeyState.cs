namespace Veil.KeyLifecycle;

/// <summary>The four states of a key, in the order in which every key passes them.</summary>
public enum KeyState
{
    /// <summary>Published so that everybody can see it coming; neither used nor accepted.</summary>
    Announced,

    /// <summary>The one key that is advertised and used for new work.</summary>
    Active,

    /// <summary>Followed by another key: what was made under it is still accepted, nothing new is made.</summary>
    Grace,

    /// <summary>Out of grace: accepted no more, to be erased.</summary>
    Destroyed,
}
