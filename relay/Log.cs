namespace Veil.Relay;

/// <summary>Everything that a relay ever logs: the state of its gateways, nothing of a request.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "new {Document} of gateway {Gateway}: {Bytes} bytes")]
    public static partial void Mirrored(this ILogger logger, string document, string gateway, int bytes);

    [LoggerMessage(2, LogLevel.Warning, "cannot fetch the {Document} of gateway {Gateway}: {Failure}; next try in {Seconds} s")]
    public static partial void NotFetched(this ILogger logger, string document, string gateway, MirrorFailure failure, double seconds);
}
