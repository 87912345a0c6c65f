using Veil.Attestation;

namespace Veil.Gateway.Epochs;

/// <summary>Which hosts clients accept by one head and its elders.</summary>
/// <param name="passes">Judges a host until a time, and whether at any age of its claims.</param>
internal sealed class HostRule(Func<HostRecord, DateTimeOffset, bool, bool> passes)
{
    /// <summary>True for a host that clients accept, and go on to until a time.</summary>
    public bool Accepts(HostRecord host, DateTimeOffset until) => passes(host, until, false);

    /// <summary>True for a host that clients would accept if its claims named a newer checkpoint of the log: it does when it makes them anew.</summary>
    public bool IsTooOld(HostRecord host, DateTimeOffset until) => !passes(host, until, false) && passes(host, until, true);
}
