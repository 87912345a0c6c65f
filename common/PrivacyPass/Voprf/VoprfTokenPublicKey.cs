using Veil.Crypto;

namespace Veil.PrivacyPass;

/// <summary>A public key of token type 1 or 5: one serialized element.</summary>
internal sealed class VoprfTokenPublicKey(VoprfTokenType type, VoprfPublicKey voprf) : TokenPublicKey(voprf.Encoding)
{
    public override TokenType Type => type;

    /// <summary>Blinds authenticator inputs for one answer with one proof.</summary>
    public BlindedInputs BlindTogether(byte[][] authenticatorInputs) => voprf.Blind(authenticatorInputs);

    /// <summary>The base asks <see cref="TokenType.IsPubliclyVerifiable"/> first.</summary>
    private protected override bool VerifyAuthenticator(ReadOnlySpan<byte> authenticatorInput, ReadOnlySpan<byte> authenticator) => false;

    internal override BlindedToken? Blind(byte[] authenticatorInput) => new BlindedVoprfToken(voprf.Blind([authenticatorInput]));
}
