using System.Diagnostics.CodeAnalysis;
using Veil.Hpke;
using Veil.Wire;

namespace Veil.Ohttp;

/// <summary>
/// A gateway's public key and the algorithms that it accepts (RFC 9458 section 3.1):
/// <c>key_id(1) kem_id(2) public_key(Npk) length(2) { kdf_id(2) aead_id(2) }+</c>.
/// Its public key has passed the KEM's validation, so sealing to it cannot fail.
/// </summary>
public sealed partial class KeyConfig
{
    private readonly byte[] _publicKey;
    private readonly SymmetricSuite[] _suites;

    internal KeyConfig(byte keyId, Kem kem, byte[] publicKey, SymmetricSuite[] suites)
    {
        KeyId = keyId;
        Kem = kem;
        _publicKey = publicKey;
        _suites = suites;
    }

    /// <summary>key_id, which a request names.</summary>
    public byte KeyId { get; }

    /// <summary>kem_id.</summary>
    public ushort KemId => Kem.Id;

    /// <summary>The public key, as long as the KEM says.</summary>
    public ReadOnlyMemory<byte> PublicKey => _publicKey;

    /// <summary>All suites in the gateway's order of preference, those unknown here included.</summary>
    public IReadOnlyList<SymmetricSuite> Suites => _suites;

    /// <summary>Bytes of this configuration on the wire, without the length in front of it in a collection.</summary>
    public int Size => 1 + 2 + _publicKey.Length + 2 + (SymmetricSuite.Size * _suites.Length);

    internal Kem Kem { get; }

    /// <summary>Parses one whole configuration; bytes left over are an error.</summary>
    /// <param name="source">Untrusted bytes; the size of the key follows from the KEM's row in the table.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="error">Why it was refused.</param>
    public static bool TryParse(ReadOnlySpan<byte> source, [NotNullWhen(true)] out KeyConfig? config, out OhttpError error) =>
        TryParse(source, Kem.All, out config, out error);

    internal static bool TryParse(ReadOnlySpan<byte> source, IReadOnlyList<Kem> kems, [NotNullWhen(true)] out KeyConfig? config, out OhttpError error)
    {
        config = null;
        var reader = new WireReader(source);
        byte keyId = reader.ReadByte();
        ushort kemId = reader.ReadUInt16();
        Kem? kem = Kem.Find(kems, kemId);
        if (reader.Failed || kem is null)
        {
            error = reader.Failed ? OhttpError.Truncated : OhttpError.UnknownKem;
            return false;
        }

        ReadOnlySpan<byte> publicKey = reader.Take(kem.PublicKeySize);
        ReadOnlySpan<byte> algorithms = reader.ReadVector16();
        error = reader.Failed ? OhttpError.Truncated
            : !reader.Completed ? OhttpError.TrailingBytes
            : algorithms.IsEmpty || algorithms.Length % SymmetricSuite.Size != 0 ? OhttpError.BadAlgorithmList
            : !kem.IsValidPublicKey(publicKey) ? OhttpError.BadPublicKey
            : OhttpError.None;
        if (error is not OhttpError.None)
            return false;

        config = new KeyConfig(keyId, kem, publicKey.ToArray(), ReadSuites(algorithms));
        return true;
    }

    /// <summary>
    /// The suite to use with this key: the first in the gateway's order that is known here. The rule is the same for all clients, so that the
    /// choice tells nothing. Null when none is known.
    /// </summary>
    public SymmetricSuite? Choose()
    {
        foreach (SymmetricSuite suite in _suites)
        {
            if (Kem.FindSuite(suite.KdfId, suite.AeadId) is not null)
                return suite;
        }

        return null;
    }

    /// <summary>This configuration's bytes.</summary>
    public byte[] Write()
    {
        var bytes = new byte[Size];
        var writer = new WireWriter(bytes);
        Write(ref writer);
        return bytes;
    }

    internal void Write(ref WireWriter writer)
    {
        writer.WriteByte(KeyId);
        writer.WriteUInt16(KemId);
        writer.WriteBytes(_publicKey);
        writer.WriteUInt16(checked((ushort)(SymmetricSuite.Size * _suites.Length)));
        foreach (SymmetricSuite suite in _suites)
        {
            writer.WriteUInt16(suite.KdfId);
            writer.WriteUInt16(suite.AeadId);
        }
    }

    private static SymmetricSuite[] ReadSuites(ReadOnlySpan<byte> algorithms)
    {
        var suites = new SymmetricSuite[algorithms.Length / SymmetricSuite.Size];
        var reader = new WireReader(algorithms);
        for (int i = 0; i < suites.Length; i++)
            suites[i] = new(reader.ReadUInt16(), reader.ReadUInt16());
        return suites;
    }
}
