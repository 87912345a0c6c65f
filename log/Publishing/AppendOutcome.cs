namespace Veil.TransparencyLog.Publishing;

/// <summary>How an append ended.</summary>
internal enum AppendOutcome
{
    /// <summary>The entry is in the log, durable, and enough witnesses cosigned a checkpoint over it.</summary>
    Done,

    /// <summary>The log has another entry there, or fewer entries than the index: nothing was added.</summary>
    WrongIndex,

    /// <summary>The entry is in the log, and too few witnesses cosigned: the same call again completes it.</summary>
    NotWitnessed,

    /// <summary>The folder cannot be written; nothing was acknowledged.</summary>
    NotWritten,
}
