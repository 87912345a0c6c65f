using Veil.Attestation.PolicyFile;
using Veil.Attestation.Snp;
using Veil.Attestation.Tdx;

namespace Veil.Attestation;

/// <summary>What one accepted release measures as (RFC 9334 section 8.3), by the names that the policy of its kind uses.</summary>
/// <param name="Kind">The kind of evidence as policies name it: "sev-snp", "tdx".</param>
/// <param name="Measurements">For sev-snp one, "measurement", of 48 bytes.</param>
public sealed record ReferenceValues(string Kind, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Measurements)
{
    /// <summary>
    /// True for evidence that says of itself that this release runs: of its kind, with each measurement that the release names. Nothing of the evidence is verified; whoever relies on a
    /// host appraises it.
    /// </summary>
    public bool AreClaimedBy(Evidence evidence)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        return Kind switch
        {
            SnpPolicyReader.Kind => evidence.MediaType == SnpReport.MediaType && SnpPolicyReader.MeasurementOf(this) is { } measurement
                && SnpReport.TryParse(evidence.Bytes.Span, out SnpReport? report, out _) && report.Measurement.SequenceEqual(measurement.Span),
            TdxPolicyReader.Kind => evidence.MediaType == TdxQuote.MediaType && TdxPolicyReader.ImageOf(this) is { } image
                && TdxQuote.TryParse(evidence.Bytes, out TdxQuote? quote, out _) && image.Matches(quote.Report),
            _ => false,
        };
    }
}
