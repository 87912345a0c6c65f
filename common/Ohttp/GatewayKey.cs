using Veil.Hpke;

namespace Veil.Ohttp;

/// <summary>
/// A gateway's private key with the configuration that it publishes, ready to open requests on any thread. What does not depend on the
/// request is computed once here. Disposing clears the key; requests that are being opened at that moment finish.
/// </summary>
public sealed class GatewayKey : IDisposable
{
    private readonly KemPrivateKey _key;
    private readonly AcceptedSuite[] _accepted;

    internal GatewayKey(byte keyId, KemPrivateKey key, ReadOnlySpan<SymmetricSuite> suites)
    {
        ArgumentOutOfRangeException.ThrowIfZero(suites.Length, nameof(suites));
        _key = key;
        _accepted = new AcceptedSuite[suites.Length];
        for (int i = 0; i < suites.Length; i++)
        {
            HpkeSuite suite = key.Kem.FindSuite(suites[i].KdfId, suites[i].AeadId)
                ?? throw new ArgumentException($"No KDF {suites[i].KdfId} with AEAD {suites[i].AeadId} here.", nameof(suites));
            _accepted[i] = new(suites[i], MessageFormat.Plain.Schedule(keyId, suite), MessageFormat.Chunked.Schedule(keyId, suite));
        }

        Config = new KeyConfig(keyId, key.Kem, key.PublicKey.ToArray(), suites.ToArray());
    }

    /// <summary>What clients are told.</summary>
    public KeyConfig Config { get; }

    /// <summary>key_id.</summary>
    public byte KeyId => Config.KeyId;

    internal KemPrivateKey PrivateKey => _key;

    /// <summary>Makes a fresh key.</summary>
    /// <param name="keyId">key_id; free of choice, distinct among the keys that a gateway accepts at one time.</param>
    /// <param name="kemId">A kem_id of the table, 0x0020 for X25519.</param>
    /// <param name="suites">What the gateway accepts with it, preferred ones first.</param>
    /// <exception cref="ArgumentException">A KEM or suite is not known here, or there is no suite.</exception>
    public static GatewayKey Generate(byte keyId, ushort kemId, params ReadOnlySpan<SymmetricSuite> suites) =>
        new(keyId, FindKem(kemId).Generate(), suites);

    /// <summary>Makes the key again from what <see cref="ExportPrivateKey"/> gave.</summary>
    /// <exception cref="ArgumentException">The bytes are not a private key of this KEM, or as for <see cref="Generate"/>.</exception>
    public static GatewayKey Import(byte keyId, ushort kemId, ReadOnlySpan<byte> privateKey, params ReadOnlySpan<SymmetricSuite> suites)
    {
        KemPrivateKey key = FindKem(kemId).Import(privateKey) ?? throw new ArgumentException("Not a private key of this KEM.", nameof(privateKey));
        return new(keyId, key, suites);
    }

    /// <summary>The private key's bytes, for wrapping at rest; the caller clears them.</summary>
    public byte[] ExportPrivateKey()
    {
        byte[] privateKey = GC.AllocateArray<byte>(_key.Kem.PrivateKeySize, pinned: true);
        _key.Export(privateKey);
        return privateKey;
    }

    /// <summary>Clears the private key.</summary>
    public void Dispose() => _key.Dispose();

    /// <summary>Names the key, never shows it.</summary>
    public override string ToString() => $"gateway key {KeyId}, KEM 0x{Config.KemId:x4}";

    /// <summary>The key schedule for requests of a format under a suite; null when the configuration does not offer it.</summary>
    internal KeySchedule? Find(SymmetricSuite suite, MessageFormat format)
    {
        foreach (AcceptedSuite accepted in _accepted)
        {
            if (accepted.Suite == suite)
                return format == MessageFormat.Plain ? accepted.Plain : accepted.Chunked;
        }

        return null;
    }

    private static Kem FindKem(ushort kemId) => Kem.Find(kemId) ?? throw new ArgumentException($"No KEM 0x{kemId:x4} here.", nameof(kemId));

    private sealed record AcceptedSuite(SymmetricSuite Suite, KeySchedule Plain, KeySchedule Chunked);
}
