using System.Security.Cryptography;
using Veil.Crypto;

namespace Veil.PrivacyPass;

/// <summary>A private key of token type 2.</summary>
internal sealed class BlindRsaIssuerKey : TokenIssuerKey
{
    private readonly BlindSigningKey _rsa;

    public BlindRsaIssuerKey(BlindSigningKey rsa)
        : base(new BlindRsaTokenPublicKey(rsa.PublicKey))
    {
        if (rsa.PublicKey.ModulusSize != BlindRsa2048.ModulusSize)
            throw new CryptographicException("A key of token type 2 has a modulus of 2048 bits.");

        _rsa = rsa;
    }

    public override bool Verify(Token token) => PublicKey.Verify(token);

    public override void Dispose() => _rsa.Dispose();

    private protected override bool TryEvaluate(ReadOnlySpan<byte> blindedElement, Span<byte> tokenResponse) =>
        _rsa.TryBlindSign(blindedElement, tokenResponse);
}
