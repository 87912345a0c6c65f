using Veil.Attestation.Snp;

namespace Veil.Attestation;

/// <summary>Evidence of an Attester (RFC 9334 section 8.1): its media type names the one appraiser that may read the bytes.</summary>
/// <param name="MediaType">For example <see cref="SnpReport.MediaType"/>.</param>
/// <param name="Bytes">As the hardware made them.</param>
public sealed record Evidence(string MediaType, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>
    /// What tells the guest from every other, as far as its hardware says: the REPORT_ID of an SEV-SNP report. Where there is none (TDX, or zeros) the evidence itself, which is another
    /// for each value that is bound.
    /// </summary>
    public ReadOnlyMemory<byte> GuestId =>
        MediaType == SnpReport.MediaType && SnpReport.TryParse(Bytes.Span, out SnpReport? report, out _) && report.ReportId.ContainsAnyExcept((byte)0) ? report.ReportId.ToArray() : Bytes;
}
