using System.Diagnostics.Metrics;

namespace Veil.Relay;

/// <summary>Counts exchanges by gateway and outcome; no tag speaks of a client.</summary>
internal sealed class RelayMetrics : IDisposable
{
    private static readonly object[] Outcomes = [.. Enum.GetNames<RelayOutcome>()];

    private readonly Meter _meter;
    private readonly Counter<long> _requests;
    private readonly UpDownCounter<long> _active;

    public RelayMetrics(IMeterFactory factory)
    {
        _meter = factory.Create("Veil.Relay");
        _requests = _meter.CreateCounter<long>("veil.relay.requests", description: "Requests by gateway and outcome.");
        _active = _meter.CreateUpDownCounter<long>("veil.relay.active_requests", description: "Exchanges with gateways that are open now.");
    }

    public void Ended(string gateway, RelayOutcome outcome) =>
        _requests.Add(1, new KeyValuePair<string, object?>("gateway", gateway), new KeyValuePair<string, object?>("outcome", Outcomes[(int)outcome]));

    public void Opened() => _active.Add(1);

    public void Closed() => _active.Add(-1);

    public void Dispose() => _meter.Dispose();
}
