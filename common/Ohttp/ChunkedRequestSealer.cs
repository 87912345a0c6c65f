using System.Security.Cryptography;
using Veil.Hpke;

namespace Veil.Ohttp;

/// <summary>The client's side of a chunked request; chunk nonces come from the HPKE context's sequence.</summary>
public sealed class ChunkedRequestSealer : ChunkedSealer
{
    private readonly SenderContext _context;
    private readonly byte[] _prefix;

    /// <summary>Starts a request under a fresh context; a retry starts again.</summary>
    /// <exception cref="ArgumentException">The suite is not offered or not known.</exception>
    public ChunkedRequestSealer(KeyConfig config, SymmetricSuite suite)
        : this(config, suite, ephemeral: null)
    {
    }

    internal ChunkedRequestSealer(KeyConfig config, SymmetricSuite suite, KemPrivateKey? ephemeral)
    {
        HpkeSuite hpke = RequestSealer.FindSuite(config, suite);
        _context = SenderContext.Setup(MessageFormat.Chunked.Schedule(config.KeyId, hpke), config.PublicKey.Span, ephemeral);
        _prefix = new byte[MessageFormat.HeaderSize + _context.Enc.Length];
        MessageFormat.WriteHeader(_prefix, config.KeyId, hpke);
        _context.Enc.Span.CopyTo(_prefix.AsSpan(MessageFormat.HeaderSize));
    }

    /// <summary>Header and encapsulated key: <c>key_id(1) kem_id(2) kdf_id(2) aead_id(2) enc(Nenc)</c>.</summary>
    public override ReadOnlyMemory<byte> Prefix => _prefix;

    /// <summary>What opens the response; it may be made before the request has ended, and once is enough.</summary>
    public ChunkedResponseOpener CreateResponseOpener(ChunkLimits? limits = null)
    {
        HpkeSuite suite = _context.Suite;
        Span<byte> secret = stackalloc byte[MessageFormat.ResponseSecretSize(suite)];
        _context.Export(MessageFormat.Chunked.ResponseLabel, secret);
        var opener = new ChunkedResponseOpener(suite, secret, _context.Enc.Span, limits ?? ChunkLimits.Default);
        CryptographicOperations.ZeroMemory(secret);
        return opener;
    }

    private protected override void Encrypt(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext) =>
        _context.Seal(aad, plaintext, ciphertext);

    private protected override void DisposeSecrets() => _context.Dispose();
}
