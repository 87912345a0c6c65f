using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;

namespace Veil.ServiceDefaults;

/// <summary>
/// Collects the instruments of the <c>Veil.*</c> meters and of an allow-list of the platform's, and writes them in Prometheus' text
/// exposition format. Tags of ours pass (they are declared in code); of the platform's only those named here.
/// </summary>
/// <param name="factory">Of the service whose meters these are; a process may hold several services, and a listener hears them all.</param>
internal sealed class MetricsCollector(IMeterFactory factory) : IDisposable
{
    public const string MediaType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Start of the names of our meters.</summary>
    public const string OwnMeters = "Veil.";

    /// <summary>Platform instruments that say how the process is, with the tags that they may keep. None speaks of a client.</summary>
    private static readonly Dictionary<string, string[]> OfThePlatform = new(StringComparer.Ordinal)
    {
        ["dotnet.process.cpu.time"] = ["cpu.mode"],
        ["dotnet.process.memory.working_set"] = [],
        ["dotnet.gc.collections"] = ["gc.heap.generation"],
        ["dotnet.gc.pause.time"] = [],
        ["dotnet.gc.last_collection.heap.size"] = ["gc.heap.generation"],
        ["dotnet.exceptions"] = [],
        ["kestrel.active_connections"] = [],
        ["kestrel.rejected_connections"] = [],
        ["kestrel.active_tls_handshakes"] = [],
        ["http.server.active_requests"] = [],
        ["http.client.open_connections"] = ["http.connection.state"],
    };

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);

    /// <summary>Begins to listen; instruments made earlier are taken up too.</summary>
    public void Start()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            string[]? tags = null;
            bool isOwn = instrument.Meter.Name.StartsWith(OwnMeters, StringComparison.Ordinal);
            if (instrument.Meter.Scope is { } scope ? !ReferenceEquals(scope, factory) : isOwn)
                return;
            if (!isOwn && !OfThePlatform.TryGetValue(instrument.Name, out tags))
                return;
            MetricFamily family = _families.GetOrAdd(MetricName.Of(instrument), name => new MetricFamily(name, instrument, tags));
            listener.EnableMeasurementEvents(instrument, family);
        };
        _listener.SetMeasurementEventCallback<byte>(static (_, value, tags, state) => ((MetricFamily)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<short>(static (_, value, tags, state) => ((MetricFamily)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => ((MetricFamily)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => ((MetricFamily)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<float>(static (_, value, tags, state) => ((MetricFamily)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => ((MetricFamily)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, state) => ((MetricFamily)state!).Record((double)value, tags));
        _listener.Start();
    }

    /// <summary>The current state of every instrument.</summary>
    public string Write()
    {
        foreach (MetricFamily family in _families.Values)
            family.BeginObservation();
        _listener.RecordObservableInstruments();
        var text = new StringBuilder(4096);
        foreach (MetricFamily family in _families.Values.OrderBy(family => family.Name, StringComparer.Ordinal))
            family.WriteTo(text);
        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();
}
