using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Veil.TransparencyLog.Monitoring;

/// <summary>Reads the keys in the documents that heads name as far as a monitor judges them; whether a key is one, clients find out.</summary>
internal static class PublishedKeys
{
    private static readonly long MaxSeconds = DateTimeOffset.MaxValue.ToUnixTimeSeconds();
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    /// <summary>Key configurations of <c>application/ohttp-keys</c> (RFC 9458 section 3.2): <c>{ lp16(configuration) }*</c>.</summary>
    /// <param name="document">Untrusted.</param>
    /// <param name="configurations">Slices of it, without their lengths.</param>
    public static bool TryReadConfigurations(ReadOnlyMemory<byte> document, [NotNullWhen(true)] out IReadOnlyList<ReadOnlyMemory<byte>>? configurations)
    {
        configurations = null;
        var read = new List<ReadOnlyMemory<byte>>();
        for (ReadOnlyMemory<byte> rest = document; !rest.IsEmpty; rest = rest[(sizeof(ushort) + read[^1].Length)..])
        {
            if (rest.Length < sizeof(ushort) || BinaryPrimitives.ReadUInt16BigEndian(rest.Span) > rest.Length - sizeof(ushort))
                return false;
            read.Add(rest.Slice(sizeof(ushort), BinaryPrimitives.ReadUInt16BigEndian(rest.Span)));
        }

        configurations = read;
        return true;
    }

    /// <summary>Keys of an issuer directory (RFC 9578 section 4).</summary>
    /// <param name="document">Untrusted.</param>
    /// <param name="keys">In their order.</param>
    public static bool TryReadTokenKeys(ReadOnlyMemory<byte> document, [NotNullWhen(true)] out IReadOnlyList<PublishedTokenKey>? keys)
    {
        keys = null;
        try
        {
            using JsonDocument json = JsonDocument.Parse(document, Strict);
            keys = [.. json.RootElement.GetProperty("token-keys").EnumerateArray().Select(Read)];
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return false;
        }

        return true;
    }

    private static PublishedTokenKey Read(JsonElement key)
    {
        long? notBefore = key.TryGetProperty("not-before", out JsonElement start) ? start.GetInt64() : null;
        return notBefore < 0 || notBefore > MaxSeconds
            ? throw new FormatException("not-before is no time")
            : new(key.GetProperty("token-type").GetUInt16(), key.GetProperty("token-key").GetString() ?? throw new FormatException("token-key is null"), notBefore);
    }
}
