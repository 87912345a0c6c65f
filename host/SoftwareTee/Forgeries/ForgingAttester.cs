using Veil.HostAgent;

namespace Veil.SoftwareTee.Forgeries;

/// <summary>A TEE that makes one forgery whenever it is asked.</summary>
internal sealed class ForgingAttester(Func<byte[], AttestedValue> forge) : IAttester
{
    /// <inheritdoc/>
    public AttestedValue Attest(ReadOnlySpan<byte> boundValue) => forge(boundValue.ToArray());
}
