using Microsoft.Extensions.Logging;

namespace Veil.ServiceDefaults;

/// <summary>
/// Listens for the two framework events that tell of a defect of ours, an unhandled exception in a request or in a background
/// task, and logs them as events of our own with nothing but the exception's type. A cancellation is no defect.
/// </summary>
internal sealed class FaultLogger(ILogger target) : ILogger
{
    private const string Kestrel = "Microsoft.AspNetCore.Server.Kestrel";
    private const string Host = "Microsoft.Extensions.Hosting.Internal.Host";
    private const int ApplicationError = 13;
    private const int BackgroundServiceFaulted = 9;

    public static bool Watches(string category) => category is Kestrel or Host;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error && logLevel is not LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (exception is null or OperationCanceledException || !IsEnabled(logLevel))
            return;
        if (eventId.Id is ApplicationError)
            target.RequestFaulted(exception.GetType().Name);
        else if (eventId.Id is BackgroundServiceFaulted)
            target.BackgroundFaulted(exception.GetType().Name);
    }
}
