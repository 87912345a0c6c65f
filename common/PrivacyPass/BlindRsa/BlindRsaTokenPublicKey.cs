using Veil.Crypto;

namespace Veil.PrivacyPass;

/// <summary>A public key of token type 2.</summary>
internal sealed class BlindRsaTokenPublicKey : TokenPublicKey
{
    private readonly BlindRsaPublicKey _rsa;

    public BlindRsaTokenPublicKey(BlindRsaPublicKey rsa)
        : base(RsassaPssSpki.Write(rsa.Modulus)) => _rsa = rsa;

    public override TokenType Type => BlindRsa2048.Instance;

    private protected override bool VerifyAuthenticator(ReadOnlySpan<byte> authenticatorInput, ReadOnlySpan<byte> authenticator) =>
        _rsa.Verify(BlindRsa2048.Variant, authenticatorInput, authenticator);

    internal override BlindedToken? Blind(byte[] authenticatorInput) =>
        _rsa.TryBlind(BlindRsa2048.Variant, authenticatorInput, out BlindedMessage? blinded) ? new BlindedRsaToken(blinded) : null;

    internal override BlindedToken[]? Blind(byte[][] authenticatorInputs) =>
        _rsa.TryBlind(BlindRsa2048.Variant, authenticatorInputs, out BlindedMessage[]? blinded) ? Array.ConvertAll(blinded, message => (BlindedToken)new BlindedRsaToken(message)) : null;
}
