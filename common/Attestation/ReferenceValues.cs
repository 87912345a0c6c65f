namespace Veil.Attestation;

/// <summary>What one accepted release measures as (RFC 9334 section 8.3), by the names that the policy of its kind uses.</summary>
/// <param name="Kind">The kind of evidence as policies name it: "sev-snp", "tdx".</param>
/// <param name="Measurements">For sev-snp one, "measurement", of 48 bytes.</param>
public sealed record ReferenceValues(string Kind, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Measurements);
