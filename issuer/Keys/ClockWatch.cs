namespace Veil.Issuer;

/// <summary>
/// Notices when the wall clock jumps against the monotonic one. For a while after a jump the clock is not trusted with what cannot be undone: no key is made or
/// destroyed, so that an operator or NTP can set it right and nothing is lost. Then the new time is taken as true.
/// </summary>
internal sealed class ClockWatch
{
    /// <summary>What NTP corrects in one step, and a short pause of a virtual machine, are no jump: schedules count in days.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan LongestDoubt = TimeSpan.FromMinutes(10);

    private readonly TimeProvider _clock;
    private readonly TimeSpan _doubt;
    private DateTimeOffset _wall;
    private long _monotonic;
    private long? _jumped;

    /// <param name="clock">Both clocks.</param>
    /// <param name="notice">Of the key schedule: a quarter of it may pass in doubt, at most ten minutes, so that keys are still announced in time.</param>
    public ClockWatch(TimeProvider clock, TimeSpan notice)
    {
        _clock = clock;
        _doubt = notice / 4 < LongestDoubt ? notice / 4 : LongestDoubt;
        _wall = clock.GetUtcNow();
        _monotonic = clock.GetTimestamp();
    }

    /// <summary>Compares the clocks since the last look.</summary>
    /// <param name="jump">How far the wall clock jumped just now, or zero.</param>
    /// <returns>True when it is trusted.</returns>
    public bool Look(out TimeSpan jump)
    {
        long monotonic = _clock.GetTimestamp();
        DateTimeOffset wall = _clock.GetUtcNow();
        TimeSpan drift = wall - _wall - _clock.GetElapsedTime(_monotonic, monotonic);
        jump = drift.Duration() > Tolerance ? drift : TimeSpan.Zero;
        (_wall, _monotonic) = (wall, monotonic);
        if (jump != TimeSpan.Zero)
            _jumped = monotonic;
        else if (_jumped is { } at && _clock.GetElapsedTime(at, monotonic) >= _doubt)
            _jumped = null;
        return _jumped is null;
    }
}
