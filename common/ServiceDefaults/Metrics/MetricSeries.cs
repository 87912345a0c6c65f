using System.Globalization;
using System.Text;

namespace Veil.ServiceDefaults;

/// <summary>The value of one instrument for one set of tags.</summary>
internal sealed class MetricSeries
{
    private readonly KeyValuePair<string, object?>[] _tags;
    private readonly string _labels;
    private readonly double[] _bounds;
    private readonly long[] _buckets;
    private double _value;

    public MetricSeries(ReadOnlySpan<KeyValuePair<string, object?>> tags, string[]? allowedTags, double[] bounds)
    {
        var kept = new List<KeyValuePair<string, object?>>();
        foreach (KeyValuePair<string, object?> tag in tags)
        {
            if (IsAllowed(tag, allowedTags))
                kept.Add(tag);
        }
        _tags = [.. kept];
        _labels = string.Join(',', kept.Select(tag => $"{MetricName.Clean(tag.Key)}=\"{Escape(Convert.ToString(tag.Value, CultureInfo.InvariantCulture))}\""));
        _bounds = bounds;
        _buckets = new long[bounds.Length + 1];
    }

    public bool Matches(ReadOnlySpan<KeyValuePair<string, object?>> tags, string[]? allowedTags)
    {
        int next = 0;
        foreach (ref readonly KeyValuePair<string, object?> tag in tags)
        {
            if (!IsAllowed(tag, allowedTags))
                continue;
            if (next == _tags.Length || _tags[next].Key != tag.Key || !Equals(_tags[next].Value, tag.Value))
                return false;
            next++;
        }
        return next == _tags.Length;
    }

    public void Set(double value) => Volatile.Write(ref _value, value);

    public void Add(double value)
    {
        double seen = Volatile.Read(ref _value);
        double was;
        while ((was = Interlocked.CompareExchange(ref _value, seen + value, seen)) != seen)
            seen = was;
    }

    public void Observe(double value)
    {
        int bucket = 0;
        while (bucket < _bounds.Length && value > _bounds[bucket])
            bucket++;
        Interlocked.Increment(ref _buckets[bucket]);
        Add(value);
    }

    public void WriteTo(StringBuilder text, string name)
    {
        if (_bounds.Length == 0)
        {
            Line(text, name, _labels, Volatile.Read(ref _value));
            return;
        }
        string comma = _labels.Length == 0 ? "" : ",";
        long count = 0;
        for (int i = 0; i < _buckets.Length; i++)
        {
            count += Interlocked.Read(ref _buckets[i]);
            string bound = i == _bounds.Length ? "+Inf" : _bounds[i].ToString("R", CultureInfo.InvariantCulture);
            Line(text, name + "_bucket", $"{_labels}{comma}le=\"{bound}\"", count);
        }
        Line(text, name + "_sum", _labels, Volatile.Read(ref _value));
        Line(text, name + "_count", _labels, count);
    }

    private static bool IsAllowed(KeyValuePair<string, object?> tag, string[]? allowedTags) => allowedTags is null || Array.IndexOf(allowedTags, tag.Key) >= 0;

    private static string Escape(string? value) =>
        (value ?? "").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).ReplaceLineEndings("\\n");

    private static void Line(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
            text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }
}
