using System.Diagnostics.Metrics;
using System.Text;

namespace Veil.ServiceDefaults;

/// <summary>One instrument with its series. Recording allocates nothing once a series is there.</summary>
internal sealed class MetricFamily
{
    /// <summary>Series of one instrument; a tag that takes more values is a defect, and the surplus is counted nowhere rather than held.</summary>
    private const int MaxSeries = 256;

    /// <summary>Seconds, from a fast local answer to a long stream.</summary>
    private static readonly double[] DefaultBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    private readonly string[]? _allowedTags;
    private readonly string _help;
    private readonly MetricKind _kind;
    private readonly bool _isObserved;
    private readonly bool _isSum;
    private readonly double[] _bounds;
    private readonly Lock _grow = new();
    private volatile MetricSeries[] _series = [];

    public MetricFamily(string name, Instrument instrument, string[]? allowedTags)
    {
        Name = name;
        _allowedTags = allowedTags;
        _help = instrument.Description is { Length: > 0 } description ? description : instrument.Name;
        _isObserved = instrument.IsObservable;
        Type type = instrument.GetType().IsGenericType ? instrument.GetType().GetGenericTypeDefinition() : instrument.GetType();
        _kind = type == typeof(Histogram<>) ? MetricKind.Histogram : MetricName.IsCounter(instrument) ? MetricKind.Counter : MetricKind.Gauge;
        _isSum = type == typeof(Counter<>) || type == typeof(UpDownCounter<>);
        _bounds = _kind is MetricKind.Histogram ? Bounds(instrument) : [];
    }

    public string Name { get; }

    /// <summary>Forgets the values of observed instruments, which are about to be told anew.</summary>
    public void BeginObservation()
    {
        if (!_isObserved)
            return;
        foreach (MetricSeries series in _series)
            series.Set(0);
    }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (Find(tags) is not { } series)
            return;
        if (_kind is MetricKind.Histogram)
            series.Observe(value);
        else if (_isSum || _isObserved)
            series.Add(value);
        else
            series.Set(value);
    }

    public void WriteTo(StringBuilder text)
    {
        MetricSeries[] all = _series;
        if (all.Length == 0)
            return;
        text.Append("# HELP ").Append(Name).Append(' ').Append(_help.Replace("\\", "\\\\", StringComparison.Ordinal).ReplaceLineEndings(" ")).Append('\n');
        text.Append("# TYPE ").Append(Name).Append(' ').Append(_kind.ToString().ToLowerInvariant()).Append('\n');
        foreach (MetricSeries series in all)
            series.WriteTo(text, Name);
    }

    private static double[] Bounds(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } advised } => [.. advised],
        Histogram<long> { Advice.HistogramBucketBoundaries: { } advised } => [.. advised.Select(bound => (double)bound)],
        Histogram<int> { Advice.HistogramBucketBoundaries: { } advised } => [.. advised.Select(bound => (double)bound)],
        _ => DefaultBounds,
    };

    private MetricSeries? Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (MetricSeries series in _series)
        {
            if (series.Matches(tags, _allowedTags))
                return series;
        }
        lock (_grow)
        {
            foreach (MetricSeries series in _series)
            {
                if (series.Matches(tags, _allowedTags))
                    return series;
            }
            if (_series.Length == MaxSeries)
                return null;
            var added = new MetricSeries(tags, _allowedTags, _bounds);
            _series = [.. _series, added];
            return added;
        }
    }
}
