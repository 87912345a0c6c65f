namespace Veil.Attestation;

/// <summary>One service in an <see cref="AuthorityPolicy"/>.</summary>
/// <param name="Authority">The authority that a client's inner request names.</param>
/// <param name="Price">What a request costs and buys.</param>
/// <param name="Appraisal">The JSON object of the <see cref="AppraisalPolicy"/> for its hosts, without measurements.</param>
public sealed record ServicePolicy(string Authority, ServicePrice Price, ReadOnlyMemory<byte> Appraisal);
