using System.Diagnostics.Metrics;

namespace Veil.Gateway;

/// <summary>What is counted: outcomes by the closed set of refusals, nothing by who asked or for what.</summary>
internal sealed class GatewayMetrics : IDisposable
{
    private static readonly KeyValuePair<string, object?>[] Outcomes =
        [.. Enum.GetValues<Refusal>().Select(refusal => new KeyValuePair<string, object?>("outcome", refusal is Refusal.None ? "answered" : refusal.ToString()))];

    private readonly Meter _meter;
    private readonly Counter<long> _requests;

    public GatewayMetrics(IMeterFactory factory)
    {
        _meter = factory.Create("Veil.Gateway");
        _requests = _meter.CreateCounter<long>("veil.gateway.requests", description: "Encapsulated requests by outcome");
    }

    /// <summary>A request was taken to its end.</summary>
    public void Taken(Refusal outcome) => _requests.Add(1, Outcomes[(int)outcome]);

    public void Dispose() => _meter.Dispose();
}
