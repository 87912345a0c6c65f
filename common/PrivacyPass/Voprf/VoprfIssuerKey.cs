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
        return IsOwn(token) && _voprf.Verify(token.AuthenticatorInput.ToArray(), token.Authenticator);
    }

    public override void Verify(ReadOnlySpan<Token> tokens, Span<bool> verdicts)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(verdicts.Length, tokens.Length, nameof(verdicts));
        verdicts.Clear();
        var places = new List<int>(tokens.Length);
        for (int i = 0; i < tokens.Length; i++)
        {
            if (IsOwn(tokens[i]))
                places.Add(i);
        }

        var inputs = new byte[places.Count][];
        var outputs = new byte[places.Count * _voprf.Suite.OutputSize];
        var holds = new bool[places.Count];
        for (int i = 0; i < places.Count; i++)
        {
            Token token = tokens[places[i]];
            inputs[i] = token.AuthenticatorInput.ToArray();
            token.Authenticator.CopyTo(outputs.AsSpan(i * _voprf.Suite.OutputSize, _voprf.Suite.OutputSize));
        }

        _voprf.VerifyAll(inputs, outputs, holds);
        for (int i = 0; i < places.Count; i++)
            verdicts[places[i]] = holds[i];
    }

    public override void Dispose() => _voprf.Dispose();

    private protected override bool TryEvaluate(ReadOnlySpan<byte> blindedElement, Span<byte> tokenResponse) =>
        _voprf.TryEvaluate(blindedElement, tokenResponse[..blindedElement.Length], tokenResponse[blindedElement.Length..]);

    private protected override bool TryEvaluateTogether(ReadOnlySpan<byte> blindedElements, Span<byte> evaluatedElements, Span<byte> proof) =>
        _voprf.TryEvaluate(blindedElements, evaluatedElements, proof);

    private bool IsOwn(Token token) => token.Type == Type && token.KeyId.SequenceEqual(PublicKey.KeyId);

    private static VoprfTokenPublicKey PublicHalf(VoprfTokenType type, VoprfPrivateKey voprf) =>
        VoprfPublicKey.TryCreate(type.Suite, voprf.PublicKey, out VoprfPublicKey? key)
            ? new(type, key)
            : throw new InvalidOperationException("The public half of a key is a valid key.");
}
