using Veil.Attestation;
using Veil.Attestation.Snp;
using Veil.HostAgent;

namespace Veil.SoftwareTee;

/// <summary>Attests with a chip in software: real formats and real signatures, and no protection of memory whatsoever.</summary>
public sealed class SoftwareTeeAttester(SoftwareChip chip, SoftwareGuest guest) : IAttester
{
    /// <inheritdoc/>
    public AttestedValue Attest(ReadOnlySpan<byte> boundValue) => new(new Evidence(SnpReport.MediaType, chip.Report(guest, boundValue)), chip.Endorsements);
}
