using System.Runtime.CompilerServices;
using Veil.Attestation;

namespace Veil.Gateway.Hosts;

/// <summary>
/// Which verified hosts requests may go to: those that clients accept by the head that is served, too. A host of a release that was taken out, or that is too new, gets none, whatever
/// this gateway's own settings say. Open until a head is served, and for an authority that publishes none.
/// </summary>
internal sealed class HostGate
{
    private volatile Rule _rule = new(_ => true);

    /// <summary>Another head is served.</summary>
    /// <param name="accepts">Whether clients accept a host by it.</param>
    public void Set(Func<HostRecord, bool> accepts) => _rule = new(accepts);

    /// <summary>True for a host that may have requests; looked at once for each connection and head.</summary>
    public bool Admits(HostConnection host) => _rule.Admits(host);

    private sealed class Rule(Func<HostRecord, bool> accepts)
    {
        private readonly ConditionalWeakTable<HostConnection, StrongBox<bool>> _known = [];

        public bool Admits(HostConnection host) => _known.GetValue(host, looked => new(accepts(looked.Host.Record))).Value;
    }
}
