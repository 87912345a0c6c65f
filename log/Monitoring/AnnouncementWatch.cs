using System.Buffers.Binary;
using System.Security.Cryptography;
using Veil.Transparency.Epochs;

namespace Veil.TransparencyLog.Monitoring;

/// <summary>
/// Holds the keys in use to the head before, as clients do: the OHTTP key, and each issuer key that is used before the next epoch begins, stood there. What is not in the folder is
/// <see cref="KeyWatch"/>'s to report.
/// </summary>
/// <param name="epochs">When the next epoch begins.</param>
/// <param name="documents">What heads name.</param>
internal sealed class AnnouncementWatch(EpochTimes epochs, HeadDocuments documents) : IHeadWatch
{
    /// <summary>The KEMs of clients, X25519 and P-256: they pass over a configuration of another one, so that it is not the one in use.</summary>
    internal static readonly ushort[] KnownKems = [0x0020, 0x0010];

    private static readonly byte[] NoDocument = SHA256.HashData([]);
    private EpochHead? _before;

    public IEnumerable<Finding> Judge(EpochHead head)
    {
        EpochHead? before = _before;
        _before = head;

        // The genesis has no head before; of one after a gap the monitor has said so already.
        return before is null || before.Epoch != head.Epoch - 1 ? [] : [.. JudgeKeys(head, before), .. JudgeIssuer(head, before)];
    }

    private IEnumerable<Finding> JudgeKeys(EpochHead head, EpochHead before)
    {
        if (head.Keys.Span.SequenceEqual(before.Keys.Span) || Find(head.Keys) is not { } present || Find(before.Keys) is not { } announced
            || !PublishedKeys.TryReadConfigurations(present, out IReadOnlyList<ReadOnlyMemory<byte>>? configurations))
            return [];
        if (configurations.FirstOrDefault(IsOfKnownKem) is not { IsEmpty: false } used)
            return [new(FindingKind.NotAnnounced, head.Epoch, "the head names no OHTTP key that clients know how to use")];
        return PublishedKeys.TryReadConfigurations(announced, out IReadOnlyList<ReadOnlyMemory<byte>>? known) && known.Any(configuration => configuration.Span.SequenceEqual(used.Span))
            ? []
            : [new(FindingKind.NotAnnounced, head.Epoch, "the OHTTP key in use did not stand in the head before")];
    }

    private IEnumerable<Finding> JudgeIssuer(EpochHead head, EpochHead before)
    {
        if (head.Issuer.Span.SequenceEqual(before.Issuer.Span) || head.Issuer.Span.SequenceEqual(NoDocument) || Find(head.Issuer) is not { } present || Find(before.Issuer) is not { } announced
            || !PublishedKeys.TryReadTokenKeys(present, out IReadOnlyList<PublishedTokenKey>? keys))
            return [];
        if (!PublishedKeys.TryReadTokenKeys(announced, out IReadOnlyList<PublishedTokenKey>? known))
            return [new(FindingKind.NotAnnounced, head.Epoch, "the head names issuer keys, and the head before none that can be read")];
        long nextEpoch = epochs.StartOf(head.Epoch + 1).ToUnixTimeSeconds();
        return keys.Where(key => key.NotBefore is not { } start || start < nextEpoch).Except(known)
            .Select(key => new Finding(FindingKind.NotAnnounced, head.Epoch, $"an issuer key of type {key.TokenType} in use did not stand in the head before"));
    }

    private static bool IsOfKnownKem(ReadOnlyMemory<byte> configuration) =>
        configuration.Length > 1 + sizeof(ushort) && KnownKems.Contains(BinaryPrimitives.ReadUInt16BigEndian(configuration.Span[1..]));

    private byte[]? Find(ReadOnlyMemory<byte> hash) => hash.Span.SequenceEqual(NoDocument) ? [] : documents.Find(hash.Span);
}
