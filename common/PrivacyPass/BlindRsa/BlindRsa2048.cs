using System.Diagnostics.CodeAnalysis;
using Veil.Crypto;

namespace Veil.PrivacyPass;

/// <summary>Token type 0x0002, Blind RSA 2048 (RFC 9578 section 6): RSABSSA-SHA384-PSS-Deterministic with modulus of 256 bytes, so that every structure has one size.</summary>
internal sealed class BlindRsa2048 : TokenType
{
    public const int ModulusSize = 256;

    public static BlindRsa2048 Instance { get; } = new();

    public static BlindRsaVariant Variant => BlindRsaVariant.PssDeterministic;

    public override ushort Id => 0x0002;

    public override string Name => "Blind RSA 2048";

    /// <summary>Clients need nothing; what a signer needs, <see cref="BlindSigningKey.Import"/> says.</summary>
    public override string? Missing => null;

    public override int AuthenticatorSize => ModulusSize;

    public override int TokenRequestSize => sizeof(ushort) + sizeof(byte) + ModulusSize;

    public override int TokenResponseSize => ModulusSize;

    public override bool IsPubliclyVerifiable => true;

    public override bool IsAmortizable => false;

    public override byte[] GeneratePrivateKey() => BlindSigningKey.GeneratePrivateKey(ModulusSize * 8);

    internal override bool TryParsePublicKey(ReadOnlySpan<byte> encoding, [NotNullWhen(true)] out TokenPublicKey? key)
    {
        key = RsassaPssSpki.TryReadModulus(encoding, out ReadOnlySpan<byte> modulus)
            && BlindRsaPublicKey.TryCreate(modulus, RsassaPssSpki.Exponent, out BlindRsaPublicKey? rsa)
            ? new BlindRsaTokenPublicKey(rsa)
            : null;
        return key is not null;
    }

    internal override TokenIssuerKey ImportPrivateKey(ReadOnlySpan<byte> privateKey) => new BlindRsaIssuerKey(BlindSigningKey.Import(privateKey));
}
