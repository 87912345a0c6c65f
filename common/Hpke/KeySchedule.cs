using System.Security.Cryptography;
using Veil.Crypto;

namespace Veil.Hpke;

/// <summary>
/// What the key schedule (RFC 9180 section 5.1) knows before there is a shared secret: suite, mode, info and pre-shared key. A recipient whose
/// info is a constant makes it once and saves the two hashes of every request.
/// </summary>
public sealed class KeySchedule
{
    private const int ContextSize = 1 + (2 * HpkeSuite.HashSize);

    private readonly byte[] _context = new byte[ContextSize];
    private readonly byte[] _psk;

    private KeySchedule(HpkeSuite suite, byte mode, ReadOnlySpan<byte> info, ReadOnlySpan<byte> psk, ReadOnlySpan<byte> pskId)
    {
        Suite = suite;
        _psk = psk.ToArray();
        _context[0] = mode;
        CryptoBackend backend = CryptoBackend.Current;
        LabeledKdf.Extract(backend, suite.SuiteId, default, "psk_id_hash"u8, pskId, _context.AsSpan(1, HpkeSuite.HashSize));
        LabeledKdf.Extract(backend, suite.SuiteId, default, "info_hash"u8, info, _context.AsSpan(1 + HpkeSuite.HashSize));
    }

    /// <summary>The suite of every context made with this.</summary>
    public HpkeSuite Suite { get; }

    /// <summary>key_schedule_context: mode || psk_id_hash || info_hash.</summary>
    internal ReadOnlySpan<byte> Context => _context;

    /// <summary>mode_base: the sender is anonymous.</summary>
    public static KeySchedule Base(HpkeSuite suite, ReadOnlySpan<byte> info)
    {
        ArgumentNullException.ThrowIfNull(suite);
        return new(suite, 0, info, default, default);
    }

    /// <summary>mode_psk: the sender shows that it holds <paramref name="psk"/>.</summary>
    /// <exception cref="ArgumentException">The key or its id is empty, or the key is shorter than the 32 bytes of section 9.5.</exception>
    public static KeySchedule Psk(HpkeSuite suite, ReadOnlySpan<byte> info, ReadOnlySpan<byte> psk, ReadOnlySpan<byte> pskId)
    {
        ArgumentNullException.ThrowIfNull(suite);
        ArgumentOutOfRangeException.ThrowIfLessThan(psk.Length, 32, nameof(psk));
        ArgumentOutOfRangeException.ThrowIfZero(pskId.Length, nameof(pskId));
        return new(suite, 1, info, psk, pskId);
    }

    /// <summary>KeySchedule(mode, shared_secret, info, psk, psk_id); the caller clears the result.</summary>
    internal void Derive(ReadOnlySpan<byte> sharedSecret, out ContextSecrets secrets)
    {
        CryptoBackend backend = CryptoBackend.Current;
        Span<byte> secret = stackalloc byte[HpkeSuite.HashSize];
        LabeledKdf.Extract(backend, Suite.SuiteId, sharedSecret, "secret"u8, _psk, secret);
        backend.PrepareHmac(secret, out HmacKey key);
        secrets = default;
        LabeledKdf.Expand(backend, Suite.SuiteId, ref key, "key"u8, _context, secrets.Key(Suite.KeySize));
        LabeledKdf.Expand(backend, Suite.SuiteId, ref key, "base_nonce"u8, _context, secrets.BaseNonce);
        LabeledKdf.Expand(backend, Suite.SuiteId, ref key, "exp"u8, _context, secrets.ExporterSecret);
        key.Clear();
        CryptographicOperations.ZeroMemory(secret);
    }
}
