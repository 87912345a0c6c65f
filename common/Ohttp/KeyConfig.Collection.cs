using System.Diagnostics.CodeAnalysis;
using Veil.Wire;

namespace Veil.Ohttp;

/// <summary>The <c>application/ohttp-keys</c> format (RFC 9458 section 3.2): configurations behind two-byte lengths.</summary>
public sealed partial class KeyConfig
{
    /// <summary>
    /// Parses a collection whole or not at all: one bad entry discards it, since clients that salvage different parts would fall into groups.
    /// A configuration for a KEM that is not known here is skipped by its length.
    /// </summary>
    /// <param name="source">Untrusted bytes.</param>
    /// <param name="configs">The configurations for known KEMs in the gateway's order; possibly none.</param>
    /// <param name="error">Why it was refused.</param>
    public static bool TryParseCollection(ReadOnlySpan<byte> source, [NotNullWhen(true)] out IReadOnlyList<KeyConfig>? configs, out OhttpError error)
    {
        configs = null;
        error = source.IsEmpty ? OhttpError.EmptyCollection : OhttpError.None;
        var usable = new List<KeyConfig>();
        var reader = new WireReader(source);
        while (error is OhttpError.None && !reader.Completed)
        {
            ReadOnlySpan<byte> entry = reader.ReadVector16();
            if (reader.Failed)
                error = OhttpError.Truncated;
            else if (TryParse(entry, out KeyConfig? config, out OhttpError entryError))
                usable.Add(config);
            else if (entryError is not OhttpError.UnknownKem)
                error = entryError;
        }

        if (error is OhttpError.None)
            configs = usable;
        return configs is not null;
    }

    /// <summary>Writes a collection in the order of preference.</summary>
    public static byte[] WriteCollection(IReadOnlyList<KeyConfig> configs)
    {
        ArgumentNullException.ThrowIfNull(configs);
        ArgumentOutOfRangeException.ThrowIfZero(configs.Count, nameof(configs));
        var bytes = new byte[configs.Sum(config => sizeof(ushort) + config.Size)];
        var writer = new WireWriter(bytes);
        foreach (KeyConfig config in configs)
        {
            writer.WriteUInt16(checked((ushort)config.Size));
            config.Write(ref writer);
        }

        return bytes;
    }

    /// <summary>
    /// The key and suite to use of a collection: the first configuration that offers a known suite (<see cref="Choose()"/>). Null when none does.
    /// </summary>
    public static KeyConfig? Choose(IReadOnlyList<KeyConfig> configs)
    {
        ArgumentNullException.ThrowIfNull(configs);
        return configs.FirstOrDefault(config => config.Choose() is not null);
    }
}
