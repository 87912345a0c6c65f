using System.Security.Cryptography;
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

    private static Dictionary<string, int>? CountConfigurations(byte[] document) =>
        PublishedKeys.TryReadConfigurations(document, out IReadOnlyList<ReadOnlyMemory<byte>>? configurations) ? new() { ["OHTTP keys are"] = configurations.Count } : null;

    private static Dictionary<string, int>? CountTokenKeys(byte[] document) =>
        PublishedKeys.TryReadTokenKeys(document, out IReadOnlyList<PublishedTokenKey>? keys) ? keys.CountBy(key => $"issuer keys of type {key.TokenType} are").ToDictionary() : null;
}
