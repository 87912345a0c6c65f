using Veil.Crypto;

namespace Veil.Hpke;

/// <summary>
/// A key encapsulation mechanism (RFC 9180 section 4): one row of the table of KEMs. All sizes that depend on the KEM are read from here;
/// nothing else assumes 32 or 65 bytes.
/// </summary>
public abstract class Kem
{
    /// <summary>Nsecret, bytes of a shared secret: the same for every KEM in use.</summary>
    public const int SharedSecretSize = 32;

    private readonly HpkeSuite[] _suites;

    private protected Kem(ushort id)
    {
        Id = id;
        _suites = [.. Enum.GetValues<AeadAlgorithm>().Select(aead => new HpkeSuite(this, aead))];
    }

    /// <summary>DHKEM(X25519, HKDF-SHA256), 0x0020.</summary>
    public static Kem X25519 { get; } = new DhKem(0x0020, KeyAgreement.X25519);

    /// <summary>DHKEM(P-256, HKDF-SHA256), 0x0010.</summary>
    public static Kem P256 { get; } = new DhKem(0x0010, KeyAgreement.P256);

    /// <summary>Every row.</summary>
    public static IReadOnlyList<Kem> All { get; } = [X25519, P256];

    /// <summary>kem_id in the IANA registry.</summary>
    public ushort Id { get; }

    /// <summary>Npk, bytes of a public key.</summary>
    public abstract int PublicKeySize { get; }

    /// <summary>Nsk, bytes of a private key.</summary>
    public abstract int PrivateKeySize { get; }

    /// <summary>Nenc, bytes of an encapsulated key.</summary>
    public abstract int EncapsulatedKeySize { get; }

    /// <summary>The row with this kem_id; null when it is not known here.</summary>
    public static Kem? Find(ushort id) => Find(All, id);

    /// <summary>A fresh key pair.</summary>
    public abstract KemPrivateKey Generate();

    /// <summary>DeriveKeyPair (section 7.1.3): the same key for the same input keying material.</summary>
    /// <exception cref="ArgumentException"><paramref name="ikm"/> is shorter than a private key.</exception>
    public abstract KemPrivateKey DeriveKeyPair(ReadOnlySpan<byte> ikm);

    /// <summary>DeserializePrivateKey; null when the bytes are not a private key of this KEM.</summary>
    /// <exception cref="ArgumentException">The length is wrong.</exception>
    public abstract KemPrivateKey? Import(ReadOnlySpan<byte> privateKey);

    /// <summary>True when <paramref name="publicKey"/> passes the KEM's validation (section 7.1.4), so that encapsulation to it cannot fail.</summary>
    public abstract bool IsValidPublicKey(ReadOnlySpan<byte> publicKey);

    /// <summary>The row of <paramref name="table"/> with this kem_id; null when there is none.</summary>
    internal static Kem? Find(IReadOnlyList<Kem> table, ushort id)
    {
        for (int i = 0; i < table.Count; i++)
        {
            if (table[i].Id == id)
                return table[i];
        }

        return null;
    }

    /// <summary>This KEM's suite with the KDF and the AEAD; null when one of them is not known here.</summary>
    internal HpkeSuite? FindSuite(ushort kdfId, ushort aeadId)
    {
        foreach (HpkeSuite suite in _suites)
        {
            if (suite.KdfId == kdfId && suite.AeadId == aeadId)
                return suite;
        }

        return null;
    }

    /// <summary>Encap(pkR), with an ephemeral key of the caller's where a vector fixes it; false when the public key is not valid.</summary>
    internal abstract bool TryEncap(ReadOnlySpan<byte> publicKey, KemPrivateKey? ephemeral, Span<byte> sharedSecret, Span<byte> enc);
}
