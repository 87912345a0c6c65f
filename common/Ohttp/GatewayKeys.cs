using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Veil.Hpke;

namespace Veil.Ohttp;

/// <summary>The keys that a gateway accepts at one moment: an immutable set, exchanged whole on rotation. It does not own its keys.</summary>
public sealed class GatewayKeys
{
    private readonly GatewayKey?[] _byId = new GatewayKey?[256];

    /// <summary>Takes the keys in the order in which they are advertised.</summary>
    /// <exception cref="ArgumentException">Two keys have the same id.</exception>
    public GatewayKeys(params IEnumerable<GatewayKey> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        foreach (GatewayKey key in keys)
        {
            if (_byId[key.KeyId] is not null)
                throw new ArgumentException($"Two keys have the id {key.KeyId}.", nameof(keys));
            _byId[key.KeyId] = key;
        }
    }

    /// <summary>The key with this id; null when it is not accepted.</summary>
    public GatewayKey? Find(byte keyId) => _byId[keyId];

    /// <summary>Finds what opens a request from its header of seven bytes.</summary>
    internal bool TryFind(
        ReadOnlySpan<byte> header,
        MessageFormat format,
        [NotNullWhen(true)] out GatewayKey? key,
        [NotNullWhen(true)] out KeySchedule? schedule,
        out OhttpError error)
    {
        schedule = null;
        key = Find(header[0]);
        if (key is null || key.Config.KemId != BinaryPrimitives.ReadUInt16BigEndian(header[1..]))
        {
            error = OhttpError.UnknownKey;
            return false;
        }

        SymmetricSuite suite = new(BinaryPrimitives.ReadUInt16BigEndian(header[3..]), BinaryPrimitives.ReadUInt16BigEndian(header[5..]));
        schedule = key.Find(suite, format);
        error = schedule is null ? OhttpError.UnknownSuite : OhttpError.None;
        return schedule is not null;
    }
}
