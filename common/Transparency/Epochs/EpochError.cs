namespace Veil.Transparency.Epochs;

/// <summary>Why a client does not rely on what it was shown. Each member names one rule that was broken.</summary>
public enum EpochError
{
    /// <summary>Nothing was wrong.</summary>
    None,

    /// <summary>Not an epoch package, or a part of it is malformed.</summary>
    Malformed,

    /// <summary>The log's signature or the witnesses' quorum is missing, or a key that is known did not sign.</summary>
    NotWitnessed,

    /// <summary>An entry is not in the log where the package says.</summary>
    NotInLog,

    /// <summary>The heads of one package are proven under two checkpoints.</summary>
    TwoCheckpoints,

    /// <summary>An entry is not signed by the authority.</summary>
    NotTheAuthority,

    /// <summary>An entry names another epoch than its place in the log: two heads for one epoch, or a gap.</summary>
    EpochMismatch,

    /// <summary>The head is not the last entry of its log: a newer one was held back.</summary>
    NotTheLast,

    /// <summary>The log has stopped: the witnessed time is in a later epoch than the head's next.</summary>
    Stalled,

    /// <summary>The head is for an epoch that the witnessed time has not reached.</summary>
    BeforeItsTime,

    /// <summary>The witnessed time is too far from this machine's clock: an old head was replayed, or the clock is wrong.</summary>
    ClockUnsure,

    /// <summary>The package lacks a head that the rules of maturity look at.</summary>
    HeadMissing,

    /// <summary>An older head that the rules of maturity look at was logged late: nothing shows that its documents were public when its epoch ended.</summary>
    NotPublicInTime,

    /// <summary>The log is shorter than the one seen before.</summary>
    RolledBack,

    /// <summary>The log does not continue the one seen before.</summary>
    Forked,

    /// <summary>A document is not the one that the head names, or is missing.</summary>
    WrongDocument,

    /// <summary>A key is used that the head before did not announce.</summary>
    NotAnnounced,

    /// <summary>The fleet is not the one that the head names, or counts a host twice.</summary>
    WrongFleet,
}
