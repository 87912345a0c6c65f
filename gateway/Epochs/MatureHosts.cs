using Veil.Attestation;
using Veil.Transparency.Epochs;

namespace Veil.Gateway.Epochs;

/// <summary>
/// Which verified hosts clients accept by the rules of maturity: of a release that this head and the one of the releases' age name, and passing the policies of both. One that is too
/// new is left out of the head, where it would make clients refuse the whole fleet.
/// </summary>
internal sealed class MatureHosts(TrustBundle bundle, TimeProvider time)
{
    private readonly VerifiedSignatures _known = new();

    /// <summary>Those that clients accept, in their order.</summary>
    /// <param name="hosts">The verified hosts.</param>
    /// <param name="present">The documents of the head that is made.</param>
    /// <param name="mature">Those of the head of the releases' age; the same where there is none yet.</param>
    /// <exception cref="InvalidDataException">A document is malformed.</exception>
    public IReadOnlyList<HostRecord> Among(IReadOnlyList<HostRecord> hosts, PolicyDocuments present, PolicyDocuments mature)
    {
        HashSet<string> old = [.. ReleasesOf(mature).Select(release => release.Id)];
        Release[] releases = [.. ReleasesOf(present).Where(release => old.Contains(release.Id))];
        Dictionary<string, AppraisalPolicy> now = PoliciesOf(present, releases);
        Dictionary<string, AppraisalPolicy> then = PoliciesOf(mature, releases);
        return [.. hosts.Where(host => Passes(host, now) && Passes(host, then))];
    }

    private bool Passes(HostRecord host, Dictionary<string, AppraisalPolicy> policies) =>
        HostClaims.TryParse(host.EncodedClaims.Span, out HostClaims? claims, out _)
        && policies.TryGetValue(claims.Service, out AppraisalPolicy? policy)
        && AppraisedHost.TryAppraise(host, policy, new AppraisalContext { Now = time.GetUtcNow(), Known = _known }, out _, out _);

    private IReadOnlyList<Release> ReleasesOf(PolicyDocuments documents) =>
        Release.TryParseSet(documents.Releases, bundle.ReleaseSigners, bundle.ReleaseThreshold, out IReadOnlyList<Release>? releases) ? releases : throw new InvalidDataException("a releases document is malformed");

    /// <summary>The policy of each service that a release makes one of; the others have no host that clients accept.</summary>
    private static Dictionary<string, AppraisalPolicy> PoliciesOf(PolicyDocuments documents, IReadOnlyList<Release> releases)
    {
        if (!AuthorityPolicy.TryParse(documents.Policy, out AuthorityPolicy? authority))
            throw new InvalidDataException("a policy document is malformed");
        var policies = new Dictionary<string, AppraisalPolicy>(StringComparer.Ordinal);
        foreach (ServicePolicy service in authority.Services)
        {
            ReferenceValues[] references = [.. releases.Where(release => release.Service == service.Authority).Select(release => new ReferenceValues(release.Kind, release.Measurements))];
            if (AppraisalPolicy.TryParse(service.Appraisal, references, out AppraisalPolicy? policy, out _))
                policies[service.Authority] = policy;
        }

        return policies;
    }
}

/// <summary>What a head says of hosts.</summary>
/// <param name="Policy">The policy document.</param>
/// <param name="Releases">The releases document.</param>
internal sealed record PolicyDocuments(ReadOnlyMemory<byte> Policy, ReadOnlyMemory<byte> Releases);
