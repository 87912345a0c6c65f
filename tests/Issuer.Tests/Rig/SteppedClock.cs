namespace Veil.Issuer.Tests.Rig;

/// <summary>The system's clocks, moved by what a test says: both together, or the wall clock alone.</summary>
public sealed class SteppedClock : TimeProvider
{
    private long _both;
    private long _wall;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Time passes.</summary>
    public void Pass(TimeSpan by) => Interlocked.Add(ref _both, by.Ticks);

    /// <summary>Somebody sets the clock.</summary>
    public void Jump(TimeSpan by) => Interlocked.Add(ref _wall, by.Ticks);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _both) + Interlocked.Read(ref _wall));

    public override long GetTimestamp() => System.GetElapsedTime(0).Ticks + Interlocked.Read(ref _both);
}
