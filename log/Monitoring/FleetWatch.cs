using Veil.Attestation;
using Veil.Transparency.Epochs;

namespace Veil.TransparencyLog.Monitoring;

/// <summary>
/// Rebuilds the fleet that each head names and looks for machines that count twice, as clients do who fetch it whole. It appraises no host: what they run,
/// <see cref="MaturityWatch"/> reads.
/// </summary>
/// <param name="bundle">For how long fleets are kept.</param>
/// <param name="documents">What heads name.</param>
/// <param name="time">Tells which fleets may be gone.</param>
internal sealed class FleetWatch(TrustBundle bundle, HeadDocuments documents, TimeProvider time) : IHeadWatch
{
    /// <summary>Bytes of a key configuration behind its key id that tell KEM keys apart: the KEM's id and 32 of the key, which no two keys begin with and every KEM has.</summary>
    private const int KemKeyPrefix = sizeof(ushort) + 32;

    private long _epoch = -1;
    private long _total;
    private ReadOnlyMemory<byte> _root = FleetTree.EmptyRoot;

    public IEnumerable<Finding> Judge(EpochHead head)
    {
        (long epoch, long total, ReadOnlyMemory<byte> root) = (_epoch, _total, _root);
        (_epoch, _total, _root) = (head.Epoch, head.FleetTotal, head.FleetRoot);
        bool isNext = head.Epoch == epoch + 1;

        // A head that fills a pause repeats the fleet of the one before, in that one's order.
        if (isNext && head.FleetRoot.Span.SequenceEqual(root.Span))
            return head.FleetTotal == total ? [] : [new(FindingKind.WrongFleet, head.Epoch, $"{head.FleetTotal} hosts under the root of the {total} of the head before")];
        return JudgeFleet(head, isNext ? root : default(ReadOnlyMemory<byte>?));
    }

    private List<Finding> JudgeFleet(EpochHead head, ReadOnlyMemory<byte>? previousRoot)
    {
        IReadOnlyList<byte[]?>? records = head.FleetRoot.Span.SequenceEqual(FleetTree.EmptyRoot.Span) ? [] : documents.FindFleet(head.FleetRoot.Span);
        if (records is null || records.Contains(null))
            return IsKept(head) ? [new(FindingKind.MissingDocument, head.Epoch, "the fleet that the head names is not in the folder, or not whole")] : [];

        var hosts = new List<(HostRecord Record, HostClaims Claims)>();
        foreach (byte[]? bytes in records)
        {
            if (!HostRecord.TryParse(bytes, out HostRecord? record, out _) || !HostClaims.TryParse(record.EncodedClaims.Span, out HostClaims? claims, out _))
                return [new(FindingKind.WrongFleet, head.Epoch, "a host record of the fleet is malformed")];
            hosts.Add((record, claims));
        }

        var findings = new List<Finding>();
        if (hosts.Count != head.FleetTotal)
            findings.Add(new(FindingKind.WrongFleet, head.Epoch, $"the head names {head.FleetTotal} hosts, and {hosts.Count} are in the folder"));
        else if (previousRoot is { } root && !FleetTree.Build(root, hosts.Select(host => host.Record.EncodedClaims)).Root.Span.SequenceEqual(head.FleetRoot.Span))
            findings.Add(new(FindingKind.WrongFleet, head.Epoch, $"the tree over the {hosts.Count} hosts in the folder is not the one that the head names"));
        string shared = string.Join(", ", Shared(hosts));
        if (shared.Length > 0)
            findings.Add(new(FindingKind.HostTwice, head.Epoch, $"two hosts of the fleet share: {shared}"));
        return findings;
    }

    /// <summary>The gateway keeps a fleet this long and some epochs; whoever monitors has seen it by then, or kept a copy.</summary>
    private bool IsKept(EpochHead head) => time.GetUtcNow() < bundle.Epochs.StartOf(head.Epoch) + bundle.ReleaseMaturity + TimeSpan.FromDays(1);

    private static IEnumerable<string> Shared(List<(HostRecord Record, HostClaims Claims)> hosts) =>
        new (string Name, Func<(HostRecord Record, HostClaims Claims), ReadOnlyMemory<byte>> Part)[]
        {
            ("the id", host => host.Claims.Id),
            ("the TLS key", host => host.Claims.TlsSpkiSha256),
            ("the sealing key", host => KemKey(host.Claims.KeyConfig)),
            ("the guest", host => host.Record.Evidence.GuestId),
        }.Where(shared => hosts.DistinctBy(host => Convert.ToHexString(shared.Part(host).Span)).Count() != hosts.Count).Select(shared => shared.Name);

    private static ReadOnlyMemory<byte> KemKey(ReadOnlyMemory<byte> configuration) => configuration[1..Math.Min(configuration.Length, 1 + KemKeyPrefix)];
}
