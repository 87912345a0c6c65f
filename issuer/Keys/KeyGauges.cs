using System.Diagnostics.Metrics;

namespace Veil.Issuer;

/// <summary>The token keys as gauges: how many are live in each state, how long the active one is in use, and when another takes over.</summary>
internal sealed class KeyGauges
{
    private readonly IssuerKeyRing _ring;
    private readonly TimeProvider _clock;

    public KeyGauges(IssuerKeyRing ring, IssuerMetrics metrics, TimeProvider clock)
    {
        _ring = ring;
        _clock = clock;
        metrics.Meter.CreateObservableGauge("veil.issuer.keys", CountKeys, "{key}", "Live token keys, by state.");
        metrics.Meter.CreateObservableGauge("veil.issuer.key.age", Ages, "s", "How long the active token key is in use.");
        metrics.Meter.CreateObservableGauge("veil.issuer.key.takeover", Takeovers, "s", "Time until the announced token key takes over; absent while none is announced.");
    }

    private IEnumerable<Measurement<long>> CountKeys()
    {
        if (_ring.Live is not { } live)
            yield break;
        yield return Count("announced", live.Announced.Length);
        yield return Count("active", live.Active is null ? 0 : 1);
        yield return Count("grace", live.Grace.Length);
    }

    private IEnumerable<Measurement<double>> Ages() =>
        _ring.Live?.Active is { } active ? [new Measurement<double>((_clock.GetUtcNow() - active.Entry.ActiveFrom).TotalSeconds)] : [];

    private IEnumerable<Measurement<double>> Takeovers() =>
        _ring.Live?.Announced is [{ } next, ..] ? [new Measurement<double>((next.Entry.ActiveFrom - _clock.GetUtcNow()).TotalSeconds)] : [];

    private static Measurement<long> Count(string state, int keys) => new(keys, new KeyValuePair<string, object?>("state", state));
}
