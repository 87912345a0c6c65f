using Veil.Crypto;

namespace Veil.PrivacyPass;

/// <summary>A token of type 1 or 5 on its way through the issuer: a blinded element there, the evaluated element and a proof back (RFC 9578 sections 5.1 to 5.3).</summary>
internal sealed class BlindedVoprfToken(BlindedInputs blinded) : BlindedToken
{
    public override ReadOnlySpan<byte> BlindedElement => blinded.Bytes;

    public override bool TryFinalize(ReadOnlySpan<byte> tokenResponse, Span<byte> authenticator)
    {
        int elementSize = blinded.Bytes.Length;
        return blinded.TryFinalize(tokenResponse[..elementSize], tokenResponse[elementSize..], authenticator);
    }

    public override void Dispose() => blinded.Dispose();
}
