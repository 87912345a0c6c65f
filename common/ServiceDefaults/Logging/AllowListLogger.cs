using Microsoft.Extensions.Logging;

namespace Veil.ServiceDefaults;

/// <summary>Writes declared events. Of an exception only the type's name is told; scopes are not kept.</summary>
internal sealed class AllowListLogger(string category, EventCatalog catalog, LogLevel least, LogOutput output, TimeProvider clock) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= least && logLevel is not LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel) || catalog.NameOf(eventId) is not { } name)
            return;
        string message = formatter(state, null);
        output.Write(clock.GetUtcNow(), logLevel, category, name, exception is null ? message : $"{message} ({exception.GetType().Name})");
    }
}
