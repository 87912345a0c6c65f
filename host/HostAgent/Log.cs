using Microsoft.Extensions.Logging;

namespace Veil.HostAgent;

/// <summary>What a host says about itself. Nothing here comes from a request.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "no identity was made for the coming epoch: the TEE gave no evidence, or what must go with it is missing; asking again in {Seconds} s")]
    public static partial void AttestationFailed(this ILogger logger, double seconds);

    [LoggerMessage(2, LogLevel.Warning, "the workload does not take requests ({Reason})")]
    public static partial void WorkloadUnavailable(this ILogger logger, string reason);

    [LoggerMessage(3, LogLevel.Warning, "the workload ended an answer before its end; the request was aborted")]
    public static partial void AnswerCutShort(this ILogger logger);

    [LoggerMessage(4, LogLevel.Warning, "the manufacturer's collateral could not be fetched; what was fetched {Hours:0.0} h ago is handed out")]
    public static partial void CollateralNotFetched(this ILogger logger, double hours);

    [LoggerMessage(5, LogLevel.Warning, "the manufacturer's collateral could not be kept in Attester:Vendors:CacheFolder; a start without the manufacturer's service will fail")]
    public static partial void CollateralNotKept(this ILogger logger);

    [LoggerMessage(6, LogLevel.Warning, "the log's checkpoint could not be read: check Log:Url and Log:TrustBundleFile")]
    public static partial void CheckpointNotRead(this ILogger logger);

    [LoggerMessage(7, LogLevel.Warning, "the log's mirror shows {Size} entries, and has shown {Newest}: the newer checkpoint is named")]
    public static partial void CheckpointBehind(this ILogger logger, long size, long newest);

    [LoggerMessage(8, LogLevel.Warning, "the authority's log stands still: clients may take claims that are made now for old ones")]
    public static partial void LogStandsStill(this ILogger logger);

    [LoggerMessage(9, LogLevel.Information, "the authority's log goes on: claims name its newest checkpoint again")]
    public static partial void LogGoesOn(this ILogger logger);
}
