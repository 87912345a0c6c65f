using System.Security.Cryptography;
using Veil.Hpke;

namespace Veil.Common.Tests.Hpke;

/// <summary>
/// A row for the table of KEMs with the id and the sizes of X-Wing (Npk 1216, Nenc 1120, Nsk 32) and no security: it shows that whatever takes
/// its sizes from the row has room for a post-quantum KEM.
/// </summary>
internal sealed class WideKem() : Kem(0x647A)
{
    internal static WideKem Row { get; } = new();

    public override int PublicKeySize => 1216;

    public override int PrivateKeySize => 32;

    public override int EncapsulatedKeySize => 1120;

    public override KemPrivateKey Generate() => DeriveKeyPair(RandomNumberGenerator.GetBytes(PrivateKeySize));

    public override KemPrivateKey DeriveKeyPair(ReadOnlySpan<byte> ikm) => Import(ikm);

    public override KemPrivateKey Import(ReadOnlySpan<byte> privateKey) => new WidePrivateKey(this, privateKey.ToArray());

    public override bool IsValidPublicKey(ReadOnlySpan<byte> publicKey) => publicKey.Length == PublicKeySize;

    internal override bool TryEncap(ReadOnlySpan<byte> publicKey, KemPrivateKey? ephemeral, Span<byte> sharedSecret, Span<byte> enc)
    {
        RandomNumberGenerator.Fill(enc);
        return TryAgree(publicKey, enc, sharedSecret);
    }

    internal bool TryAgree(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> enc, Span<byte> sharedSecret) =>
        publicKey.Length == PublicKeySize && enc.Length == EncapsulatedKeySize && SHA256.TryHashData([.. publicKey, .. enc], sharedSecret, out _);

    private sealed class WidePrivateKey(WideKem kem, byte[] seed) : KemPrivateKey
    {
        public override Kem Kem => kem;

        public override ReadOnlyMemory<byte> PublicKey { get; } = Shake256.HashData(seed, kem.PublicKeySize);

        public override void Export(Span<byte> privateKey) => seed.CopyTo(privateKey);

        public override void Dispose()
        {
        }

        internal override bool TryDecap(ReadOnlySpan<byte> enc, Span<byte> sharedSecret) => kem.TryAgree(PublicKey.Span, enc, sharedSecret);
    }
}
