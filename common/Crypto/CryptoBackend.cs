namespace Veil.Crypto;

/// <summary>
/// Where the symmetric primitives and X25519 come from. One back end is chosen at start by a self-test: OpenSSL's libcrypto, the one
/// that .NET runs on, else portable code over .NET's own primitives. <c>VEIL_CRYPTO=portable</c> forces the second.
/// Members are safe for concurrent use and allocate nothing on the libcrypto back end.
/// </summary>
public abstract class CryptoBackend
{
    /// <summary>Bytes of an AEAD tag, behind every ciphertext.</summary>
    public const int TagSize = 16;

    /// <summary>Bytes of an AEAD nonce.</summary>
    public const int NonceSize = 12;

    /// <summary>Bytes of a SHA-256 output.</summary>
    public const int HashSize = 32;

    private static readonly CryptoBackend Chosen = Choose();

    [ThreadStatic]
    private static CryptoBackend? _forced;

    private protected CryptoBackend()
    {
    }

    /// <summary>The back end of this process.</summary>
    public static CryptoBackend Current => _forced ?? Chosen;

    /// <summary>All that this machine has, for tests that run once per back end.</summary>
    internal static IReadOnlyList<CryptoBackend> Available { get; } =
        LibcryptoBackend.Instance is { } native ? [native, PortableBackend.Instance] : [PortableBackend.Instance];

    /// <summary><c>libcrypto</c> or <c>portable</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Makes an X25519 private key from its 32 bytes (RFC 7748: any bytes will do, clamping happens inside).</summary>
    public abstract AgreementKey ImportX25519(ReadOnlySpan<byte> privateKey);

    /// <summary>Prepares an HMAC-SHA256 key of any length, the empty key included (RFC 2104).</summary>
    public abstract void PrepareHmac(ReadOnlySpan<byte> key, out HmacKey prepared);

    /// <summary>HMAC-SHA256 of <paramref name="message"/> into the 32 bytes of <paramref name="mac"/>, which may overlap the message.</summary>
    public abstract void Hmac(scoped ref HmacKey key, ReadOnlySpan<byte> message, Span<byte> mac);

    /// <summary>Encrypts; <paramref name="ciphertext"/> takes the plaintext's length and <see cref="TagSize"/> more. In place is allowed, other overlap is not.</summary>
    /// <exception cref="ArgumentException">A size is wrong.</exception>
    public void Seal(
        AeadAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        CheckSizes(algorithm, key, nonce);
        ArgumentOutOfRangeException.ThrowIfNotEqual(ciphertext.Length, checked(plaintext.Length + TagSize), nameof(ciphertext));
        Encrypt(algorithm, key, nonce, aad, plaintext, ciphertext);
    }

    /// <summary>SHA-256 of <paramref name="message"/> into the 32 bytes of <paramref name="hash"/>, which may overlap the message: for the many short messages of a hash tree.</summary>
    /// <exception cref="ArgumentException">The hash's size is wrong.</exception>
    public void Sha256(ReadOnlySpan<byte> message, Span<byte> hash)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(hash.Length, HashSize, nameof(hash));
        Hash(message, hash);
    }

    /// <summary>
    /// Decrypts and checks the tag; false, with <paramref name="plaintext"/> cleared, when it is not authentic or shorter than a tag.
    /// In place is allowed, other overlap is not.
    /// </summary>
    /// <exception cref="ArgumentException">A size other than the ciphertext's is wrong.</exception>
    public bool TryOpen(
        AeadAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
    {
        CheckSizes(algorithm, key, nonce);
        if (ciphertext.Length < TagSize)
            return false;

        ArgumentOutOfRangeException.ThrowIfNotEqual(plaintext.Length, ciphertext.Length - TagSize, nameof(plaintext));
        return TryDecrypt(algorithm, key, nonce, aad, ciphertext, plaintext);
    }

    /// <summary>Bytes of a key of <paramref name="algorithm"/>.</summary>
    public static int KeySize(AeadAlgorithm algorithm) => algorithm switch
    {
        AeadAlgorithm.Aes128Gcm => 16,
        AeadAlgorithm.Aes256Gcm or AeadAlgorithm.ChaCha20Poly1305 => 32,
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    private protected abstract void Hash(ReadOnlySpan<byte> message, Span<byte> hash);

    private protected abstract void Encrypt(
        AeadAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext);

    private protected abstract bool TryDecrypt(
        AeadAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext);

    /// <summary>Runs <paramref name="action"/> with this back end in place of the chosen one, on this thread.</summary>
    internal void Run(Action action)
    {
        CryptoBackend? before = _forced;
        _forced = this;
        try
        {
            action();
        }
        finally
        {
            _forced = before;
        }
    }

    private static CryptoBackend Choose() =>
        Environment.GetEnvironmentVariable("VEIL_CRYPTO") is "portable" ? PortableBackend.Instance : (CryptoBackend?)LibcryptoBackend.Instance ?? PortableBackend.Instance;

    private static void CheckSizes(AeadAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeySize(algorithm), nameof(key));
        ArgumentOutOfRangeException.ThrowIfNotEqual(nonce.Length, NonceSize, nameof(nonce));
    }
}
