using Veil.Crypto;

namespace Veil.PrivacyPass;

/// <summary>A private key of token type 1 or 5.</summary>
internal sealed class VoprfIssuerKey : TokenIssuerKey
{
    private readonly VoprfPrivateKey _voprf;

    public VoprfIssuerKey(VoprfTokenType type, VoprfPrivateKey voprf)
        : base(PublicHalf(type, voprf)) => _voprf = voprf;

    public override bool Verify(Token token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return token.Type == Type
            && token.KeyId.SequenceEqual(PublicKey.KeyId)
            && _voprf.Verify(token.AuthenticatorInput.ToArray(), token.Authenticator);
    }

    public override void Dispose() => _voprf.Dispose();

    private protected override bool TryEvaluate(ReadOnlySpan<byte> blindedElement, Span<byte> tokenResponse) =>
        _voprf.TryEvaluate(blindedElement, tokenResponse[..blindedElement.Length], tokenResponse[blindedElement.Length..]);

    private protected override bool TryEvaluateTogether(ReadOnlySpan<byte> blindedElements, Span<byte> evaluatedElements, Span<byte> proof) =>
        _voprf.TryEvaluate(blindedElements, evaluatedElements, proof);

    private static VoprfTokenPublicKey PublicHalf(VoprfTokenType type, VoprfPrivateKey voprf) =>
        VoprfPublicKey.TryCreate(type.Suite, voprf.PublicKey, out VoprfPublicKey? key)
            ? new(type, key)
            : throw new InvalidOperationException("The public half of a key is a valid key.");
}
