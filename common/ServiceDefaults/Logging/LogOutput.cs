using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Veil.ServiceDefaults;

/// <summary>Writes one line per event: UTC time to the second, level, category, event name, message.</summary>
internal sealed class LogOutput(TextWriter writer)
{
    private readonly Lock _lock = new();

    public void Write(DateTimeOffset now, LogLevel level, string category, string eventName, string message)
    {
        string line = string.Create(CultureInfo.InvariantCulture,
            $"{now.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'} {Short(level)} {category}.{eventName} {message.ReplaceLineEndings(" ")}");
        lock (_lock)
        {
            writer.WriteLine(line);
            writer.Flush();
        }
    }

    private static string Short(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        _ => "error",
    };
}
