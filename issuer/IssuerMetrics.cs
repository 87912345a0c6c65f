using System.Diagnostics;
using System.Diagnostics.Metrics;
using Veil.PrivacyPass;
using Veil.ServiceDefaults;

namespace Veil.Issuer;

/// <summary>What the issuer counts and how long it takes. Labels are words of this program: none names or follows from an account, a gateway or a token.</summary>
internal sealed class IssuerMetrics : IDisposable
{
    /// <summary>Seconds, from a lone insert to what a gateway no longer waits for.</summary>
    private static readonly InstrumentAdvice<double> Durations = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private readonly Meter _meter;
    private readonly Counter<long> _issued;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _redeemed;
    private readonly Histogram<double> _issuance;
    private readonly Histogram<double> _redemption;
    private readonly Histogram<double> _store;

    public IssuerMetrics(IMeterFactory factory)
    {
        _meter = factory.Create("Veil.Issuer");
        _issued = _meter.CreateCounter<long>("veil.issuer.tokens.issued", "{token}", "Tokens issued, by token type.");
        _refused = _meter.CreateCounter<long>("veil.issuer.requests.refused", "{request}", "Requests refused, by problem.");
        _redeemed = _meter.CreateCounter<long>("veil.issuer.tokens.redeemed", "{token}", "Tokens presented for redemption, by verdict.");
        _issuance = _meter.CreateHistogram("veil.issuer.issuance.duration", "s", "From a token request to its answer, refusals included.", advice: Durations);
        _redemption = _meter.CreateHistogram("veil.issuer.redemption.duration", "s", "From a redemption call to its verdicts, refusals included.", advice: Durations);
        _store = _meter.CreateHistogram("veil.issuer.store.duration", "s", "From a question to a store to its answer on disk, by store; without those that failed.", advice: Durations);
    }

    /// <summary>The meter, for gauges that others observe.</summary>
    public Meter Meter => _meter;

    /// <summary>Counts tokens that were issued.</summary>
    public void Issued(TokenType type, int count) => _issued.Add(count, new KeyValuePair<string, object?>("token_type", type.Id));

    /// <summary>Counts a request that was refused.</summary>
    public void Refused(Problem problem) => _refused.Add(1, new KeyValuePair<string, object?>("problem", problem.Type));

    /// <summary>Counts tokens that were presented.</summary>
    public void Redeemed(Verdict verdict, int count) => _redeemed.Add(count, new KeyValuePair<string, object?>("verdict", verdict.ToString()));

    /// <summary>Runs an endpoint and measures issuance.</summary>
    public RequestDelegate MeasureIssuance(RequestDelegate endpoint) => Measure(_issuance, endpoint);

    /// <summary>Runs an endpoint and measures redemption.</summary>
    public RequestDelegate MeasureRedemption(RequestDelegate endpoint) => Measure(_redemption, endpoint);

    /// <summary>Measures a store's answer.</summary>
    /// <param name="store">Its word in the label.</param>
    /// <param name="answer">Begun this moment.</param>
    public async Task<T> MeasureStoreAsync<T>(string store, Task<T> answer)
    {
        long started = Stopwatch.GetTimestamp();
        T result = await answer.ConfigureAwait(false);
        _store.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, new KeyValuePair<string, object?>("store", store));
        return result;
    }

    public void Dispose() => _meter.Dispose();

    private static RequestDelegate Measure(Histogram<double> duration, RequestDelegate endpoint) => async context =>
    {
        long started = Stopwatch.GetTimestamp();
        try
        {
            await endpoint(context).ConfigureAwait(false);
        }
        finally
        {
            duration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
        }
    };
}
