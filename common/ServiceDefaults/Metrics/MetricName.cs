using System.Diagnostics.Metrics;
using System.Text;

namespace Veil.ServiceDefaults;

/// <summary>Names as Prometheus wants them: <c>veil.relay.requests</c> counted becomes <c>veil_relay_requests_total</c>.</summary>
internal static class MetricName
{
    public static string Of(Instrument instrument)
    {
        string name = Clean(instrument.Name);
        string unit = instrument.Unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            "1" => IsCounter(instrument) ? "" : "_ratio",
            _ => "",
        };
        if (!name.EndsWith(unit, StringComparison.Ordinal))
            name += unit;
        return IsCounter(instrument) && !name.EndsWith("_total", StringComparison.Ordinal) ? name + "_total" : name;
    }

    public static string Clean(string name)
    {
        var clean = new StringBuilder(name.Length);
        foreach (char c in name)
            clean.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        if (clean.Length > 0 && char.IsAsciiDigit(clean[0]))
            clean.Insert(0, '_');
        return clean.ToString();
    }

    /// <summary>Whether the instrument only goes up.</summary>
    public static bool IsCounter(Instrument instrument) =>
        instrument.GetType() is { IsGenericType: true } type
        && (type.GetGenericTypeDefinition() == typeof(Counter<>) || type.GetGenericTypeDefinition() == typeof(ObservableCounter<>));
}
