using Veil.Transparency.Epochs;

namespace Veil.TransparencyLog.Monitoring;

/// <summary>Knows the releases of whoever monitors, and reports others that heads name.</summary>
/// <param name="bundle">Whose signatures count.</param>
/// <param name="known">The ids of the known releases.</param>
/// <param name="documents">What heads name.</param>
internal sealed class ReleaseWatch(TrustBundle bundle, IReadOnlySet<string> known, HeadDocuments documents) : IHeadWatch
{
    private readonly HashSet<string> _reported = [];

    public IEnumerable<Finding> Judge(EpochHead head)
    {
        if (!_reported.Add(Convert.ToHexStringLower(head.Releases.Span)))
            return [];
        if (documents.Find(head.Releases.Span) is not { } document)
            return [new(FindingKind.MissingDocument, head.Epoch, "the releases that the head names are not in the folder")];
        if (!Release.TryParseSet(document, bundle.ReleaseSigners, bundle.ReleaseThreshold, out IReadOnlyList<Release>? releases))
            return [new(FindingKind.UnknownRelease, head.Epoch, "too few signed one of the releases that the head names")];
        return releases.Where(release => !known.Contains(release.Id) && _reported.Add(release.Id))
            .Select(release => new Finding(FindingKind.UnknownRelease, head.Epoch, $"{release.Name} for {release.Service}"));
    }
}
