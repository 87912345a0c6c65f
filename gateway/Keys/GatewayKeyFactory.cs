using Veil.KeyLifecycle;
using Veil.Ohttp;

namespace Veil.Gateway.Keys;

/// <summary>Makes OHTTP keys. Stored is <c>kem_id(2) | private key</c>, so that a change of the KEM leaves older keys readable.</summary>
internal sealed class GatewayKeyFactory(ushort kem) : IKeyFactory<GatewayKey>
{
    private static readonly SymmetricSuite[] Suites = [SymmetricSuite.Aes128Gcm, SymmetricSuite.Aes256Gcm, SymmetricSuite.ChaCha20Poly1305];

    public byte[] Generate(KeyEntry entry, IReadOnlyCollection<GatewayKey> live)
    {
        using GatewayKey key = GatewayKey.Generate(KeyIdOf(entry), kem, Suites);
        byte[] privateKey = key.ExportPrivateKey();
        byte[] material = [(byte)(kem >> 8), (byte)kem, .. privateKey];
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(privateKey);
        return material;
    }

    public GatewayKey Import(KeyEntry entry, ReadOnlySpan<byte> material) =>
        GatewayKey.Import(KeyIdOf(entry), (ushort)((material[0] << 8) | material[1]), material[2..], Suites);

    /// <summary>At most three keys live at once, so the serial's last byte tells them apart.</summary>
    private static byte KeyIdOf(KeyEntry entry) => (byte)(entry.Serial & 0xff);
}
