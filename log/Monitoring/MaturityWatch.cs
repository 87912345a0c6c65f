using Veil.Attestation;
using Veil.Transparency.Epochs;

namespace Veil.TransparencyLog.Monitoring;

/// <summary>
/// Looks for hosts that run a release before its time, by the clients' rule: a release counts where the head of the releases' age named it too, and the first head of the log is as old as
/// anything can be. It reads what the evidence of hosts says and appraises none. Not judged is a head whose elder is none, or whose documents are not in the folder or cannot be read: each of
/// these is a finding of its own, of the entry or of another watch.
/// </summary>
/// <param name="bundle">Whose signatures count, and how old a release must be.</param>
/// <param name="documents">What heads name.</param>
internal sealed class MaturityWatch(TrustBundle bundle, HeadDocuments documents) : IHeadWatch
{
    /// <summary>From the oldest that may be an elder to the newest.</summary>
    private readonly Queue<EpochHead> _heads = [];

    private readonly Dictionary<string, IReadOnlyList<Release>> _read = new(StringComparer.Ordinal);
    private EpochHead? _judged;

    public IEnumerable<Finding> Judge(EpochHead head)
    {
        _heads.Enqueue(head);
        long age = bundle.Epochs.Before(head.Epoch, bundle.ReleaseMaturity);
        while (_heads.Peek().Epoch < age)
            _heads.Dequeue();
        Forget();

        // What it names is read now in any case: the folder may not have it when this head is an elder.
        IReadOnlyList<Release>? named = ReleasesOf(head);
        bool isRepeated = _judged is { } last && last.Epoch == head.Epoch - 1 && last.NamesTheSameAs(head) && last.FleetTotal == head.FleetTotal && last.FleetRoot.Span.SequenceEqual(head.FleetRoot.Span);
        _judged = isRepeated ? head : null;

        // A head that fills a pause repeats the one before whole, which was judged.
        if (isRepeated || named is null || _heads.Peek() is not { } elder || elder.Epoch != age || ReleasesOf(elder) is not { } old)
            return [];
        IReadOnlyList<Release> matured = Release.Matured(named, old);
        Release[] immature = [.. named.Except(matured)];
        if (immature.Length is 0)
        {
            _judged = head;
            return [];
        }

        return JudgeFleet(head, elder, immature, matured);
    }

    private IEnumerable<Finding> JudgeFleet(EpochHead head, EpochHead elder, Release[] immature, IReadOnlyList<Release> matured)
    {
        // A list of another length is not this head's: FleetWatch says so.
        if (documents.FindFleet(head.FleetRoot.Span) is not { } records || records.Count != head.FleetTotal)
            return [];
        _judged = records.Contains(null) ? null : head;
        Release[] used = [.. records.Select(bytes => ReleaseOf(bytes, matured) is null ? ReleaseOf(bytes, immature) : null).OfType<Release>()];
        return used.Length is 0
            ? []
            : [new(FindingKind.ImmatureRelease, head.Epoch,
                $"{used.Length} hosts of the fleet run what the head of epoch {elder.Epoch} does not name: {string.Join(", ", used.Distinct().Select(release => $"{release.Name} for {release.Service}"))}")];
    }

    /// <summary>The release that a host says it runs, of some; null for none of them, and for a record that is none.</summary>
    private static Release? ReleaseOf(byte[]? record, IEnumerable<Release> releases) =>
        HostRecord.TryParse(record, out HostRecord? host, out _) && HostClaims.TryParse(host.EncodedClaims.Span, out HostClaims? claims, out _)
            ? releases.FirstOrDefault(release => release.Service == claims.Service && new ReferenceValues(release.Kind, release.Measurements).AreClaimedBy(host.Evidence))
            : null;

    /// <summary>Keeps what a head that may still be an elder names.</summary>
    private void Forget()
    {
        HashSet<string> named = [.. _heads.Select(head => Convert.ToHexStringLower(head.Releases.Span))];
        foreach (string hash in _read.Keys.Where(hash => !named.Contains(hash)).ToArray())
            _read.Remove(hash);
    }

    private IReadOnlyList<Release>? ReleasesOf(EpochHead head)
    {
        string hash = Convert.ToHexStringLower(head.Releases.Span);
        if (!_read.TryGetValue(hash, out IReadOnlyList<Release>? releases) && documents.Find(head.Releases.Span) is { } document
            && Release.TryParseSet(document, bundle.ReleaseSigners, bundle.ReleaseThreshold, out releases))
            _read.Add(hash, releases);
        return releases;
    }
}
