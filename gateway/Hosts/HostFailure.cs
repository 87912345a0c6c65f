using Veil.Attestation;

namespace Veil.Gateway.Hosts;

/// <summary>Why there is no connection to a host.</summary>
/// <param name="Refused">The appraisal's verdict when that refused it, else null.</param>
/// <param name="Reason">The kind of fault, fit for a log.</param>
internal sealed record HostFailure(Verdict? Refused, string Reason);
