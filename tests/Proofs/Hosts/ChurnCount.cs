namespace Veil.Proofs.Hosts;

/// <summary>What became of the requests of one phase.</summary>
/// <param name="Served">Answered whole.</param>
/// <param name="BrokenOff">Failed by name after their answer had begun.</param>
/// <param name="Failed">Failed otherwise.</param>
/// <param name="Restarts">Hosts that were ended and came back.</param>
/// <param name="Epochs">Heads that were published meanwhile.</param>
/// <param name="OhttpKeys">OHTTP keys that clients were shown.</param>
/// <param name="HostKeys">Sets of host keys that heads listed for the first time.</param>
/// <param name="Reasons">Why requests failed, each once.</param>
public sealed record ChurnCount(int Served, int BrokenOff, int Failed, int Restarts, int Epochs, int OhttpKeys, int HostKeys, IReadOnlyList<string> Reasons);
