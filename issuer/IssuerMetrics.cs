using System.Diagnostics.Metrics;
using Veil.ServiceDefaults;

namespace Veil.Issuer;

/// <summary>Counts by outcome. No label names an account, a gateway or a token.</summary>
internal sealed class IssuerMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _issued;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _redeemed;

    public IssuerMetrics(IMeterFactory factory)
    {
        _meter = factory.Create("Veil.Issuer");
        _issued = _meter.CreateCounter<long>("veil.issuer.tokens.issued", "{token}", "Tokens issued.");
        _refused = _meter.CreateCounter<long>("veil.issuer.requests.refused", "{request}", "Requests refused, by problem.");
        _redeemed = _meter.CreateCounter<long>("veil.issuer.tokens.redeemed", "{token}", "Tokens presented for redemption, by verdict.");
    }

    public void Issued(int tokens) => _issued.Add(tokens);

    public void Refused(Problem problem) => _refused.Add(1, new KeyValuePair<string, object?>("problem", problem.Type));

    public void Redeemed(Verdict verdict, int count) => _redeemed.Add(count, new KeyValuePair<string, object?>("verdict", verdict.ToString()));

    public void Dispose() => _meter.Dispose();
}
