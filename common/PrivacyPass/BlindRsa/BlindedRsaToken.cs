using Veil.Crypto;

namespace Veil.PrivacyPass;

/// <summary>A token of type 2 on its way through the issuer: blinded_msg there, blind_sig back (RFC 9578 sections 6.1 to 6.3).</summary>
internal sealed class BlindedRsaToken(BlindedMessage blinded) : BlindedToken
{
    public override ReadOnlySpan<byte> BlindedElement => blinded.Bytes;

    public override bool TryFinalize(ReadOnlySpan<byte> tokenResponse, Span<byte> authenticator) => blinded.TryFinalize(tokenResponse, authenticator);

    public override void Dispose() => blinded.Dispose();
}
