namespace Veil.TransparencyLog.Monitoring;

/// <summary>What a monitor can find.</summary>
internal enum FindingKind
{
    /// <summary>The log did not answer, or not with a checkpoint and tiles.</summary>
    Unreachable,

    /// <summary>The checkpoint is not signed by the log, or cosigned by too few known witnesses.</summary>
    NotWitnessed,

    /// <summary>The checkpoint is of fewer entries than one that was seen.</summary>
    RolledBack,

    /// <summary>Entries and checkpoint, or entries now and entries seen before, are not one history.</summary>
    Forked,

    /// <summary>Two mirrors show two histories.</summary>
    SplitView,

    /// <summary>No head was added for an epoch and more.</summary>
    Stalled,

    /// <summary>A head was added after its epoch and names what the one before did not: it was held back, or made up later.</summary>
    LateHead,

    /// <summary>A head stands in the log before its epoch, by the witnesses' time: clients that are shown it alone would have a head of their own.</summary>
    EarlyHead,

    /// <summary>An entry is not signed by the authority.</summary>
    NotTheAuthority,

    /// <summary>An entry is no epoch head.</summary>
    NotAHead,

    /// <summary>An entry names another epoch than its place: an epoch is missing, or there are two heads for one.</summary>
    EpochMismatch,

    /// <summary>A head names a release that the person who monitors does not know, or too few signed.</summary>
    UnknownRelease,

    /// <summary>A document that a head names is not where documents are: whoever monitors cannot judge it, and clients may not get it.</summary>
    MissingDocument,

    /// <summary>A head promises more keys of a kind than a rotation needs.</summary>
    TooManyKeys,

    /// <summary>A key is in use that the head before did not name: nobody could compare it before it was used.</summary>
    NotAnnounced,

    /// <summary>The hosts in the folder are not the fleet that the head names: another number of them, or another tree.</summary>
    WrongFleet,

    /// <summary>Two hosts of a fleet share an id, a key or a guest: one machine that counts twice.</summary>
    HostTwice,

    /// <summary>A fleet lists hosts of a release that the head names too late for it to count.</summary>
    ImmatureRelease,
}
