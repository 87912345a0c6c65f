using Veil.Attestation;
using Veil.Attestation.Tdx;
using Veil.HostAgent;

namespace Veil.SoftwareTee;

/// <summary>Attests with a TDX machine in software, with the collateral of its maker: real formats and real signatures, and no protection of memory whatsoever.</summary>
public sealed class SoftwareTdxAttester(SoftwareTdxPlatform platform, SoftwareTd guest, SoftwareTdxCollateral? collateral = null) : IAttester, IDisposable
{
    /// <inheritdoc/>
    public AttestedValue Attest(ReadOnlySpan<byte> boundValue) => new(new Evidence(TdxQuote.MediaType, platform.Quote(guest, boundValue)), platform.Endorse(collateral));

    /// <summary>Erases the platform's keys.</summary>
    public void Dispose() => platform.Dispose();
}
