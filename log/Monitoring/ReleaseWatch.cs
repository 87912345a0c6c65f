using Veil.Transparency.Epochs;

namespace Veil.TransparencyLog.Monitoring;

/// <summary>Knows the releases of whoever monitors, and reports others that heads name.</summary>
/// <param name="bundle">Whose signatures count.</param>
/// <param name="known">The ids of the known releases.</param>
/// <param name="documents">A folder of the documents that heads name, each in a file named by its hash.</param>
internal sealed class ReleaseWatch(TrustBundle bundle, IReadOnlySet<string> known, string documents)
{
    private readonly HashSet<string> _reported = [];

    /// <summary>What is to be said of a head's releases, each once.</summary>
    public IEnumerable<Finding> Judge(EpochHead head)
    {
        string file = Path.Combine(documents, Convert.ToHexStringLower(head.Releases.Span));
        if (!_reported.Add(file))
            return [];
        if (!File.Exists(file) || !Release.TryParseSet(File.ReadAllBytes(file), bundle.ReleaseSigners, bundle.ReleaseThreshold, out IReadOnlyList<Release>? releases))
            return [new(FindingKind.UnknownRelease, head.Epoch, "the releases that the head names are not in the folder, or too few signed one of them")];
        return releases.Where(release => !known.Contains(release.Id) && _reported.Add(release.Id))
            .Select(release => new Finding(FindingKind.UnknownRelease, head.Epoch, $"{release.Name} for {release.Service}"));
    }
}
