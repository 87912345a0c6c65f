namespace Veil.Host.Tests;

/// <summary>Time that stands still until a test moves it. Timers are the system's: what is tested with it has none.</summary>
internal sealed class ManualClock(DateTimeOffset start) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = start;

    public override DateTimeOffset GetUtcNow() => Now;
}
