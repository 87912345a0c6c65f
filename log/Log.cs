namespace Veil.TransparencyLog;

/// <summary>Every event of log and witness. None holds an entry or a signature.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "the log has {Size} entries, recovered from its folder")]
    public static partial void Opened(this ILogger logger, long size);

    [LoggerMessage(2, LogLevel.Warning, "{Bytes} bytes at the journal's end were written when the process ended and never acknowledged; they are cut off")]
    public static partial void TornTail(this ILogger logger, long bytes);

    [LoggerMessage(3, LogLevel.Information, "published a checkpoint of {Size} entries, cosigned by {Witnesses}")]
    public static partial void Published(this ILogger logger, long size, int witnesses);

    [LoggerMessage(4, LogLevel.Warning, "witness {Witness} did not cosign ({Reason})")]
    public static partial void WitnessFailed(this ILogger logger, string witness, string reason);

    [LoggerMessage(5, LogLevel.Error, "{Witnesses} witnesses cosigned and {Needed} are needed: nothing is acknowledged until they do")]
    public static partial void TooFewWitnesses(this ILogger logger, int witnesses, int needed);

    [LoggerMessage(6, LogLevel.Error, "the log's folder cannot be written ({Reason}): nothing is acknowledged until it can, and where entries were refused it takes a restart")]
    public static partial void WriteFailed(this ILogger logger, string reason);

    [LoggerMessage(7, LogLevel.Information, "cosigned a checkpoint of {Size} entries of log {Log}")]
    public static partial void Cosigned(this ILogger logger, long size, string log);

    [LoggerMessage(8, LogLevel.Error, "log {Log} showed a checkpoint that does not continue the one of {Size} entries: it is refused")]
    public static partial void ForkSeen(this ILogger logger, string log, long size);

    [LoggerMessage(9, LogLevel.Error, "the copy in plain files cannot be written ({Reason}): other web servers serve an older state until it can")]
    public static partial void CopyFailed(this ILogger logger, string reason);
}
