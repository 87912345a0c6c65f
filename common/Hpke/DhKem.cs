using System.Security.Cryptography;
using Veil.Crypto;

namespace Veil.Hpke;

/// <summary>DHKEM over a Diffie-Hellman group with HKDF-SHA256 (RFC 9180 section 4.1).</summary>
internal sealed class DhKem : Kem
{
    private readonly KeyAgreement _group;
    private readonly byte[] _suiteId;

    internal DhKem(ushort id, KeyAgreement group)
        : base(id)
    {
        _group = group;
        _suiteId = [.. "KEM"u8, (byte)(id >> 8), (byte)(id & 0xFF)];
    }

    public override int PublicKeySize => _group.PublicKeySize;

    public override int PrivateKeySize => _group.PrivateKeySize;

    public override int EncapsulatedKeySize => _group.PublicKeySize;

    public override KemPrivateKey Generate() => new DhKemPrivateKey(this, _group.Generate());

    public override KemPrivateKey? Import(ReadOnlySpan<byte> privateKey) =>
        _group.Import(privateKey) is { } key ? new DhKemPrivateKey(this, key) : null;

    public override KemPrivateKey DeriveKeyPair(ReadOnlySpan<byte> ikm)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ikm.Length, PrivateKeySize, nameof(ikm));
        CryptoBackend backend = CryptoBackend.Current;
        Span<byte> prk = stackalloc byte[CryptoBackend.HashSize];
        Span<byte> candidate = stackalloc byte[PrivateKeySize];
        LabeledKdf.Extract(backend, _suiteId, default, "dkp_prk"u8, ikm, prk);
        backend.PrepareHmac(prk, out HmacKey key);
        try
        {
            if (_group == KeyAgreement.X25519)
            {
                LabeledKdf.Expand(backend, _suiteId, ref key, "sk"u8, default, candidate);
                return Import(candidate)!;
            }

            // A candidate is a scalar with a chance of 1 - 2^-32, so the loop ends at its first turn.
            for (int counter = 0; counter < 256; counter++)
            {
                LabeledKdf.Expand(backend, _suiteId, ref key, "candidate"u8, [(byte)counter], candidate);
                if (Import(candidate) is { } derived)
                    return derived;
            }

            throw new CryptographicException("DeriveKeyPair found no scalar in 256 candidates.");
        }
        finally
        {
            key.Clear();
            CryptographicOperations.ZeroMemory(prk);
            CryptographicOperations.ZeroMemory(candidate);
        }
    }

    public override bool IsValidPublicKey(ReadOnlySpan<byte> publicKey) => _group.IsValidPublicKey(publicKey);

    internal override bool TryEncap(ReadOnlySpan<byte> publicKey, KemPrivateKey? ephemeral, Span<byte> sharedSecret, Span<byte> enc)
    {
        using KemPrivateKey? fresh = ephemeral is null ? Generate() : null;
        var sender = (DhKemPrivateKey)(ephemeral ?? fresh!);
        sender.PublicKey.Span.CopyTo(enc);
        return TryAgree(sender.Agreement, publicKey, enc, publicKey, sharedSecret);
    }

    /// <summary>dh = DH(own, peer), then ExtractAndExpand(dh, enc || pkR). The keys enter the context as they were received.</summary>
    internal bool TryAgree(AgreementKey own, ReadOnlySpan<byte> peer, ReadOnlySpan<byte> enc, ReadOnlySpan<byte> pkR, Span<byte> sharedSecret)
    {
        Span<byte> dh = stackalloc byte[KeyAgreement.SharedSecretSize];
        if (!own.TryDerive(peer, dh))
            return false;

        CryptoBackend backend = CryptoBackend.Current;
        Span<byte> context = stackalloc byte[2 * _group.PublicKeySize];
        enc.CopyTo(context);
        pkR.CopyTo(context[enc.Length..]);
        LabeledKdf.Extract(backend, _suiteId, default, "eae_prk"u8, dh, dh);
        backend.PrepareHmac(dh, out HmacKey prk);
        LabeledKdf.Expand(backend, _suiteId, ref prk, "shared_secret"u8, context, sharedSecret);
        prk.Clear();
        CryptographicOperations.ZeroMemory(dh);
        return true;
    }
}
