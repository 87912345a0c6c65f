using Veil.Attestation;

namespace Veil.ClientSdk;

/// <summary>The hosts of one request. Until it leaves they can go back: then the next request has them, since nobody may make this client draw again by failing what comes before.</summary>
internal sealed class DrawnHosts(IReadOnlyList<AppraisedHost> hosts, Action giveBack) : IDisposable
{
    private bool _isUsed;

    /// <summary>What was drawn, appraised.</summary>
    public IReadOnlyList<AppraisedHost> Hosts => hosts;

    /// <summary>The request leaves: no other has these.</summary>
    public void Use() => _isUsed = true;

    /// <summary>Gives back what no request has used.</summary>
    public void Dispose()
    {
        if (!_isUsed)
        {
            _isUsed = true;
            giveBack();
        }
    }
}
