namespace Veil.KeyLifecycle;

/// <summary>A rule that a ring's future breaks.</summary>
public enum PlanRule
{
    /// <summary>There is no active key: nothing can be made, and clients fail.</summary>
    Coverage,

    /// <summary>More keys live than clients accept of one type.</summary>
    LiveKeys,

    /// <summary>A key takes over sooner after its announcement than copies of the directory may be old: who has such a copy meets a key that it never saw.</summary>
    Notice,

    /// <summary>A key stays active for more than two epochs, because nothing follows it.</summary>
    Rotation,

    /// <summary>What is made last under a key is not accepted any longer than it may take to be made: the grace must be longer than copies of the directory may be old.</summary>
    Grace,
}
