using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Veil.Transparency.Epochs;

namespace Veil.TransparencyLog.Monitoring;

/// <summary>
/// Counts the keys that heads promise: with more of a kind than a rotation needs, an authority could tell its clients apart by the key that each was given.
/// </summary>
internal sealed class KeyWatch(HeadDocuments documents) : IHeadWatch
{
    /// <summary>Most live keys of a kind: the one in use, the one before it and the next.</summary>
    public const int MaxLive = 3;

    private static readonly byte[] NoDocument = SHA256.HashData([]);
    private readonly HashSet<string> _judged = [];

    public IEnumerable<Finding> Judge(EpochHead head) =>
        [.. Judge(head, head.Keys, "OHTTP keys", CountConfigurations), .. Judge(head, head.Issuer, "issuer directory", CountTokenKeys)];

    private IEnumerable<Finding> Judge(EpochHead head, ReadOnlyMemory<byte> hash, string name, Func<byte[], IReadOnlyDictionary<string, int>?> count)
    {
        if (!_judged.Add($"{name} {Convert.ToHexStringLower(hash.Span)}") || hash.Span.SequenceEqual(NoDocument))
            return [];
        if (documents.Find(hash.Span) is not { } document)
            return [new(FindingKind.MissingDocument, head.Epoch, $"the {name} that the head names are not in the folder")];
        return count(document) is not { } counts
            ? [new(FindingKind.TooManyKeys, head.Epoch, $"the {name} that the head names are malformed: nobody can count them")]
            : counts.Where(pair => pair.Value > MaxLive).Select(pair => new Finding(FindingKind.TooManyKeys, head.Epoch, $"{pair.Value} {pair.Key} live, and a rotation needs {MaxLive} at most"));
    }

    /// <summary>Key configurations of <c>application/ohttp-keys</c> (RFC 9458 section 3.2): <c>{ lp16(configuration) }*</c>.</summary>
    private static Dictionary<string, int>? CountConfigurations(byte[] document)
    {
        int count = 0;
        for (ReadOnlySpan<byte> rest = document; !rest.IsEmpty; count++)
        {
            if (rest.Length < sizeof(ushort) || BinaryPrimitives.ReadUInt16BigEndian(rest) > rest.Length - sizeof(ushort))
                return null;
            rest = rest[(sizeof(ushort) + BinaryPrimitives.ReadUInt16BigEndian(rest))..];
        }

        return new() { ["OHTTP keys are"] = count };
    }

    /// <summary>Keys of an issuer directory (RFC 9578 section 4), by their token type.</summary>
    private static Dictionary<string, int>? CountTokenKeys(byte[] document)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(document, new JsonDocumentOptions { MaxDepth = 8 });
            var counts = new Dictionary<string, int>();
            foreach (JsonElement key in json.RootElement.GetProperty("token-keys").EnumerateArray())
            {
                string kind = $"issuer keys of type {key.GetProperty("token-type").GetInt32()} are";
                counts[kind] = counts.GetValueOrDefault(kind) + 1;
            }

            return counts;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }
}
