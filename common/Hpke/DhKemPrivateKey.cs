using Veil.Crypto;

namespace Veil.Hpke;

/// <summary>A DHKEM private key.</summary>
internal sealed class DhKemPrivateKey(DhKem kem, AgreementKey agreement) : KemPrivateKey
{
    public override Kem Kem => kem;

    public override ReadOnlyMemory<byte> PublicKey => agreement.PublicKey;

    internal AgreementKey Agreement => agreement;

    public override void Export(Span<byte> privateKey) => agreement.Export(privateKey);

    public override void Dispose() => agreement.Dispose();

    internal override bool TryDecap(ReadOnlySpan<byte> enc, Span<byte> sharedSecret) =>
        enc.Length == kem.EncapsulatedKeySize && kem.TryAgree(agreement, enc, enc, PublicKey.Span, sharedSecret);
}
