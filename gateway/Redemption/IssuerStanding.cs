using System.Net;
using System.Net.Http.Headers;

namespace Veil.Gateway.Redemption;

/// <summary>
/// Whether the issuer wants to be called now: it asked for a pause, or it refused this gateway as it is configured, which calling again at once does not
/// change. Shared by all lanes.
/// </summary>
internal sealed class IssuerStanding(RedemptionOptions options, TimeProvider time)
{
    /// <summary>Longest pause that the issuer may ask for, so that a wrong number does not stop a gateway for good.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private long _noCallBefore = long.MinValue;
    private HttpStatusCode? _refusal;

    /// <summary>What the issuer refuses this gateway with, until a call is due again; null when nothing is known to be wrong.</summary>
    public bool IsRefused
    {
        get
        {
            lock (_lock)
            {
                return _refusal is not null && time.GetTimestamp() < _noCallBefore;
            }
        }
    }

    /// <summary>How long from now no call is to be made.</summary>
    public TimeSpan Pause
    {
        get
        {
            lock (_lock)
            {
                long now = time.GetTimestamp();
                return now < _noCallBefore ? time.GetElapsedTime(now, _noCallBefore) : TimeSpan.Zero;
            }
        }
    }

    /// <summary>True for statuses that say that something is configured wrongly here or there: the same call will be refused again.</summary>
    public static bool IsRefusal(HttpStatusCode status) =>
        (int)status is >= 400 and < 500 && status is not (HttpStatusCode.RequestTimeout or HttpStatusCode.MisdirectedRequest or (HttpStatusCode)425 or HttpStatusCode.TooManyRequests);

    /// <summary>Verdicts came. True when a refusal ends with them.</summary>
    public bool Answered()
    {
        lock (_lock)
        {
            bool ended = _refusal is not null;
            _refusal = null;
            return ended;
        }
    }

    /// <summary>The issuer refused. True when it is the first time that it refuses so, since it last answered.</summary>
    public bool Refused(HttpStatusCode status)
    {
        lock (_lock)
        {
            bool isNew = _refusal != status;
            _refusal = status;
            WaitFor(options.RefusalPause);
            return isNew;
        }
    }

    /// <summary>The issuer may have said when to come again.</summary>
    public void Postponed(RetryConditionHeaderValue? retryAfter)
    {
        TimeSpan asked = retryAfter?.Delta ?? (retryAfter?.Date is { } date ? date - time.GetUtcNow() : TimeSpan.Zero);
        lock (_lock)
        {
            WaitFor(asked < LongestPause ? asked : LongestPause);
        }
    }

    private void WaitFor(TimeSpan pause)
    {
        long until = time.GetTimestamp() + (long)(pause.TotalSeconds * time.TimestampFrequency);
        _noCallBefore = Math.Max(_noCallBefore, until);
    }
}
