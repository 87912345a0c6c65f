namespace Veil.Attestation;

/// <summary>Evidence of an Attester (RFC 9334 section 8.1): its media type names the one appraiser that may read the bytes.</summary>
/// <param name="MediaType">For example <see cref="Snp.SnpReport.MediaType"/>.</param>
/// <param name="Bytes">As the hardware made them.</param>
public sealed record Evidence(string MediaType, ReadOnlyMemory<byte> Bytes);
