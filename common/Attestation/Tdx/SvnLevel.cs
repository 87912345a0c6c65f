namespace Veil.Attestation.Tdx;

/// <summary>One level of an enclave's or a module's identity.</summary>
/// <param name="Svn">Least security version of this level.</param>
/// <param name="Outcome">What it means.</param>
internal sealed record SvnLevel(ushort Svn, TcbOutcome Outcome);
