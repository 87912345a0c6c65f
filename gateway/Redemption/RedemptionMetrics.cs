using System.Diagnostics.Metrics;

namespace Veil.Gateway.Redemption;

/// <summary>How redemption does, for the operator: times and verdicts, nothing by who asked or for what.</summary>
internal sealed class RedemptionMetrics : IDisposable
{
    private static readonly KeyValuePair<string, object?>[] Verdicts =
        [.. Enum.GetValues<RedemptionVerdict>().Select(verdict => new KeyValuePair<string, object?>("verdict", verdict.ToString()))];

    private readonly Meter _meter;
    private readonly Counter<long> _tokens;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _calls;
    private long _waiting;

    public RedemptionMetrics(IMeterFactory factory)
    {
        _meter = factory.Create("Veil.Gateway");
        _tokens = _meter.CreateCounter<long>("veil.gateway.redemption.tokens", "{token}", "Tokens by the issuer's verdict; Unavailable where none came in time.");
        _duration = _meter.CreateHistogram<double>("veil.gateway.redemption.duration", "s", "Time from a request's wish to redeem to its verdict, waiting and repeated calls included.");
        _calls = _meter.CreateCounter<long>("veil.gateway.redemption.calls", "{call}", "Calls of the issuer's redemption, by whether verdicts came.");
        _meter.CreateObservableGauge("veil.gateway.redemption.waiting", () => Volatile.Read(ref _waiting), "{token}", "Tokens that wait for a verdict.");
    }

    /// <summary>Tokens that wait for a verdict.</summary>
    public long Waiting => Volatile.Read(ref _waiting);

    /// <summary>Tokens begin to wait.</summary>
    /// <returns>How many wait now.</returns>
    public long Begun(int tokens) => Interlocked.Add(ref _waiting, tokens);

    /// <summary>Tokens that begun to wait have their verdicts.</summary>
    public void Decided(ReadOnlySpan<RedemptionVerdict> verdicts, TimeSpan waited)
    {
        Interlocked.Add(ref _waiting, -verdicts.Length);
        _duration.Record(waited.TotalSeconds);
        foreach (RedemptionVerdict verdict in verdicts)
            _tokens.Add(1, Verdicts[(int)verdict]);
    }

    /// <summary>Tokens that begun to wait will have none.</summary>
    public void GivenUp(int tokens, TimeSpan waited)
    {
        Interlocked.Add(ref _waiting, -tokens);
        _duration.Record(waited.TotalSeconds);
        _tokens.Add(tokens, Verdicts[(int)RedemptionVerdict.Unavailable]);
    }

    /// <summary>A call came to its end.</summary>
    public void Called(bool answered) => _calls.Add(1, new KeyValuePair<string, object?>("answered", answered));

    public void Dispose() => _meter.Dispose();
}
