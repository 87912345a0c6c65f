using Veil.Ohttp;

namespace Veil.Sealing;

/// <summary>
/// The key that a host's claims name for requests sealed to it. It is made inside the host at every key epoch, lives in memory only, and
/// cannot be exported.
/// </summary>
public sealed class SealingKey : IDisposable
{
    private const ushort X25519 = 0x0020;

    private readonly GatewayKey _key;
    private readonly byte[] _keyConfig;

    private SealingKey(GatewayKey key)
    {
        _key = key;
        _keyConfig = key.Config.Write();
    }

    /// <summary>The <c>key_config</c> of the host's claims: an RFC 9458 key configuration of one suite, HKDF-SHA256 with AES-128-GCM.</summary>
    public ReadOnlyMemory<byte> KeyConfig => _keyConfig;

    /// <summary>Makes a fresh key.</summary>
    /// <param name="keyId">key_id of the configuration; the epoch's number modulo 256 serves.</param>
    public static SealingKey Generate(byte keyId) => new(GatewayKey.Generate(keyId, X25519, SymmetricSuite.Aes128Gcm));

    /// <summary>Clears the private key.</summary>
    public void Dispose() => _key.Dispose();
}
