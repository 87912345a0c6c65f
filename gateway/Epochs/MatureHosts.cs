using Veil.Attestation;
using Veil.Transparency.Epochs;

namespace Veil.Gateway.Epochs;

/// <summary>
/// Which verified hosts clients accept by the rules of maturity: of a release that a head and the one of the releases' age name, and passing the policies of both. One that is too new
/// would make clients refuse the whole fleet, and so would one whose claims name no checkpoint of this log: it is left out of the head, and gets no request.
/// </summary>
internal sealed class MatureHosts(TrustBundle bundle, PublishedLog log, TimeProvider time)
{
    private readonly VerifiedSignatures _known = new();

    /// <summary>Which hosts clients accept, and go on to until a time.</summary>
    /// <param name="present">The documents of the head.</param>
    /// <param name="mature">Those of the head of the releases' age; the same where there is none yet. What this bundle cannot read, after its signers changed, holds nobody back.</param>
    /// <exception cref="InvalidDataException">A document of the head is malformed.</exception>
    public HostRule Rule(PolicyDocuments present, PolicyDocuments mature)
    {
        if (ReleasesOf(present) is not { } named)
            throw new InvalidDataException("a releases document is malformed");
        IReadOnlyList<Release> releases = ReleasesOf(mature) is { } old ? Release.Matured(named, old) : named;
        Dictionary<string, AppraisalPolicy> now = PoliciesOf(present, releases) ?? throw new InvalidDataException("a policy document is malformed");
        Dictionary<string, AppraisalPolicy> then = mature.Policy.Span.SequenceEqual(present.Policy.Span) ? now : PoliciesOf(mature, releases) ?? now;
        return new((host, until, atAnyAge) => Passes(host, now, until, atAnyAge) && (ReferenceEquals(now, then) || Passes(host, then, until, atAnyAge)));
    }

    /// <summary>True for a host whose checkpoint can be proven by a head at an index.</summary>
    public static bool IsProvenBy(HostRecord host, long index) => HostClaims.TryParse(host.EncodedClaims.Span, out HostClaims? claims, out _) && claims.CheckpointSize <= (ulong)index;

    private bool Passes(HostRecord host, Dictionary<string, AppraisalPolicy> policies, DateTimeOffset until, bool atAnyAge) =>
        HostClaims.TryParse(host.EncodedClaims.Span, out HostClaims? claims, out _)
        && policies.TryGetValue(claims.Service, out AppraisalPolicy? policy)
        && AppraisedHost.TryAppraise(host, policy, new AppraisalContext { Now = time.GetUtcNow(), Known = _known, Checkpoint = atAnyAge ? null : CheckpointOf(claims) }, out AppraisedHost? appraised, out _)
        && appraised.Expires > until;

    /// <summary>Not looked at where the log may have grown by one behind this gateway's back, as when another replica publishes: the next head decides.</summary>
    private ClaimedCheckpoint? CheckpointOf(HostClaims claims)
    {
        ulong size = (ulong)log.Size;
        return claims.CheckpointSize == size + 1 ? null
            : new(claims.CheckpointSize <= size && log.Had((long)claims.CheckpointSize, claims.CheckpointRoot.Span) ? bundle.Epochs.NewestUntil((long)claims.CheckpointSize) : null);
    }

    private IReadOnlyList<Release>? ReleasesOf(PolicyDocuments documents) =>
        Release.TryParseSet(documents.Releases, bundle.ReleaseSigners, bundle.ReleaseThreshold, out IReadOnlyList<Release>? releases) ? releases : null;

    /// <summary>The policy of each service that a release makes one of; the others have no host that clients accept.</summary>
    private static Dictionary<string, AppraisalPolicy>? PoliciesOf(PolicyDocuments documents, IReadOnlyList<Release> releases)
    {
        if (!AuthorityPolicy.TryParse(documents.Policy, out AuthorityPolicy? authority))
            return null;
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
