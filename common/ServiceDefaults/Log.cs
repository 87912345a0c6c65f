using Microsoft.Extensions.Logging;

namespace Veil.ServiceDefaults;

/// <summary>The lifetime of a service. Addresses named here are the service's own.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "{Service} listens on {Listen}, management on {Management}")]
    public static partial void Started(this ILogger logger, string service, string listen, string management);

    [LoggerMessage(2, LogLevel.Information, "no new connections; open requests have {Seconds} s to end")]
    public static partial void Draining(this ILogger logger, double seconds);

    [LoggerMessage(3, LogLevel.Information, "stopped")]
    public static partial void Stopped(this ILogger logger);

    [LoggerMessage(4, LogLevel.Error, "a request ended in an unhandled {ExceptionType}")]
    public static partial void RequestFaulted(this ILogger logger, string exceptionType);

    [LoggerMessage(5, LogLevel.Critical, "a background task ended in an unhandled {ExceptionType}")]
    public static partial void BackgroundFaulted(this ILogger logger, string exceptionType);
}
