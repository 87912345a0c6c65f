namespace Veil.Attestation.Tdx;

/// <summary>What a level means.</summary>
/// <param name="Status">Intel's word.</param>
/// <param name="Date">The day of the last fault that this level has repaired.</param>
/// <param name="Advisories">Intel's advisories about the faults that it has.</param>
internal sealed record TcbOutcome(TcbStatus Status, string Date, IReadOnlyList<string> Advisories);
