namespace Veil.Relay;

/// <summary>Everything that a relay ever logs: the state of its gateways, nothing of a request.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "new keys of gateway {Gateway}: {Bytes} bytes")]
    public static partial void KeysMirrored(this ILogger logger, string gateway, int bytes);

    [LoggerMessage(2, LogLevel.Warning, "cannot fetch the keys of gateway {Gateway}: {Failure}; next try in {Seconds} s")]
    public static partial void KeysNotFetched(this ILogger logger, string gateway, MirrorFailure failure, double seconds);
}
