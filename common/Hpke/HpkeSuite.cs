using Veil.Crypto;

namespace Veil.Hpke;

/// <summary>
/// A KEM, a KDF and an AEAD that work together (RFC 9180 section 5). The KDF is HKDF-SHA256. Protocols that continue with the suite's plain
/// KDF and AEAD, such as Oblivious HTTP responses, reach them here.
/// </summary>
public sealed class HpkeSuite
{
    /// <summary>kdf_id of HKDF-SHA256, the one KDF here.</summary>
    public const ushort HkdfSha256 = 0x0001;

    /// <summary>Nh, bytes of a hash.</summary>
    public const int HashSize = CryptoBackend.HashSize;

    /// <summary>Nn, bytes of a nonce.</summary>
    public const int NonceSize = CryptoBackend.NonceSize;

    /// <summary>Nt, bytes that a ciphertext is longer than its plaintext.</summary>
    public const int TagSize = CryptoBackend.TagSize;

    /// <summary>The largest Nk.</summary>
    public const int MaxKeySize = 32;

    private readonly AeadAlgorithm _aead;
    private readonly byte[] _suiteId;

    internal HpkeSuite(Kem kem, AeadAlgorithm aead)
    {
        Kem = kem;
        _aead = aead;
        KeySize = CryptoBackend.KeySize(aead);
        _suiteId = [.. "HPKE"u8, (byte)(kem.Id >> 8), (byte)(kem.Id & 0xFF), 0, (byte)HkdfSha256, 0, (byte)aead];
    }

    /// <summary>The suite's KEM.</summary>
    public Kem Kem { get; }

    /// <summary>kdf_id.</summary>
    public ushort KdfId { get; } = HkdfSha256;

    /// <summary>aead_id.</summary>
    public ushort AeadId => (ushort)_aead;

    /// <summary>Nk, bytes of an AEAD key.</summary>
    public int KeySize { get; }

    /// <summary>"HPKE" and the three identifiers.</summary>
    internal ReadOnlySpan<byte> SuiteId => _suiteId;

    /// <summary>The AEAD as the back end names it.</summary>
    internal AeadAlgorithm Aead => _aead;

    /// <summary>The suite with these identifiers; null when one is not known here.</summary>
    public static HpkeSuite? Find(ushort kemId, ushort kdfId, ushort aeadId) => Kem.Find(kemId)?.FindSuite(kdfId, aeadId);

    /// <summary>Extract(salt, ikm) of the KDF of every suite here, without labels; <paramref name="prk"/> takes Nh bytes.</summary>
    public static void Extract(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> ikm, Span<byte> prk) => Hkdf.Extract(CryptoBackend.Current, salt, ikm, prk);

    /// <summary>Expand(prk, info, L) of the KDF of every suite here, without labels, for two outputs of one key.</summary>
    public static void Expand(ReadOnlySpan<byte> prk, ReadOnlySpan<byte> info1, Span<byte> okm1, ReadOnlySpan<byte> info2, Span<byte> okm2)
    {
        CryptoBackend backend = CryptoBackend.Current;
        backend.PrepareHmac(prk, out HmacKey key);
        Hkdf.Expand(backend, ref key, info1, okm1);
        Hkdf.Expand(backend, ref key, info2, okm2);
        key.Clear();
    }

    /// <summary>Seal of the suite's AEAD; the ciphertext is <see cref="TagSize"/> bytes longer than the plaintext.</summary>
    public void Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext) =>
        CryptoBackend.Current.Seal(_aead, key, nonce, aad, plaintext, ciphertext);

    /// <summary>Open of the suite's AEAD; false when the ciphertext is not authentic.</summary>
    public bool TryOpen(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext) =>
        CryptoBackend.Current.TryOpen(_aead, key, nonce, aad, ciphertext, plaintext);
}
