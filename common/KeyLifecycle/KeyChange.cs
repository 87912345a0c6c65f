namespace Veil.KeyLifecycle;

/// <summary>What happens to a key at one instant.</summary>
public enum KeyChange
{
    /// <summary>It is made and published.</summary>
    Announced,

    /// <summary>It follows its predecessor and is used for new work.</summary>
    TakesOver,

    /// <summary>It is accepted no more, and erased.</summary>
    GraceEnds,
}
