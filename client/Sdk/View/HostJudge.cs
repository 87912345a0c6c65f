using Veil.Attestation;
using Veil.Ohttp;
using Veil.Transparency.Epochs;

namespace Veil.ClientSdk;

/// <summary>
/// Appraises the hosts of an epoch here, at the client, against the releases and policies that are old enough, and the checkpoint that their claims name against the log: one that
/// does not pass refuses the whole.
/// </summary>
internal sealed class HostJudge(WitnessedEpoch epoch, EpochAgreement agreement, VerifiedSignatures known, TimeProvider time)
{
    /// <summary>The hosts that count; those whose time is over, which leave at the next epoch, and those of a service that is too new, are left out.</summary>
    /// <exception cref="VeilException">A host is counted twice, or does not pass.</exception>
    public IReadOnlyList<AppraisedHost> Appraise(IReadOnlyList<FleetHost> hosts)
    {
        if (!AreDistinct(hosts))
        {
            throw Refused();
        }

        DateTimeOffset now = time.GetUtcNow();
        return [.. hosts.Select(host => Appraise(host, now)).OfType<AppraisedHost>()];
    }

    /// <summary>One KEM key, one TLS key, one id and one guest a host: two records that share one are one machine, counted twice.</summary>
    private static bool AreDistinct(IReadOnlyList<FleetHost> hosts) =>
        AreDistinct(hosts, host => host.Claims.Id) && AreDistinct(hosts, host => host.Claims.TlsSpkiSha256) && AreDistinct(hosts, host => KemKey(host.Claims))
        && AreDistinct(hosts, host => host.Record.Evidence.GuestId);

    private static bool AreDistinct(IReadOnlyList<FleetHost> hosts, Func<FleetHost, ReadOnlyMemory<byte>> part) => hosts.DistinctBy(host => Convert.ToHexString(part(host).Span)).Count() == hosts.Count;

    /// <summary>The public key alone: another key id or list of suites makes no other key.</summary>
    private static ReadOnlyMemory<byte> KemKey(HostClaims host) => KeyConfig.TryParse(host.KeyConfig.Span, out KeyConfig? config, out _) ? config.PublicKey : host.KeyConfig;

    private static ServicePolicy? PolicyOf(AuthorityPolicy policy, string service) => policy.Services.FirstOrDefault(known => known.Authority == service);

    private static VeilException Refused() => EpochViewMaker.Refused(EpochError.WrongFleet, Hop.Gateway);

    /// <summary>Null for a host whose time is over, or has not come: neither is a lie.</summary>
    private AppraisedHost? Appraise(FleetHost host, DateTimeOffset now)
    {
        if (host.Claims.NotAfter < now)
        {
            return null;
        }

        ServicePolicy present = PolicyOf(agreement.Policy, host.Claims.Service) ?? throw Refused();
        if (PolicyOf(agreement.MaturePolicy, host.Claims.Service) is not { } mature)
        {
            // A new service: its hosts count once its policy has been public for as long as a release.
            return null;
        }

        // Loosened, the old policy still counts until the new one is as old as a release must be; tightened, the new one counts at once.
        AppraisedHost appraised = Appraise(host, present, now);
        return mature.Appraisal.Span.SequenceEqual(present.Appraisal.Span) ? appraised : Appraise(host, mature, now);
    }

    private AppraisedHost Appraise(FleetHost host, ServicePolicy service, DateTimeOffset now)
    {
        ReferenceValues[] references = [.. agreement.Releases.Where(release => release.Service == service.Authority).Select(release => new ReferenceValues(release.Kind, release.Measurements))];
        if (!AppraisalPolicy.TryParse(service.Appraisal, references, out AppraisalPolicy? policy, out IReadOnlyList<string> problems))
        {
            throw new VeilException(VeilFailure.HostRefused, Hop.Gateway, $"no release of {service.Authority} is old enough, or its policy cannot be used: {problems[0]}");
        }

        var checkpoint = new ClaimedCheckpoint(epoch.NewestUntil(host.Claims.CheckpointSize, host.Claims.CheckpointRoot.Span, host.Consistency));
        return AppraisedHost.TryAppraise(host.Record, policy, new AppraisalContext { Now = now, Known = known, Checkpoint = checkpoint }, out AppraisedHost? appraised, out Verdict verdict)
            ? appraised
            : throw new VeilException(VeilFailure.HostRefused, Hop.Host, $"the fleet lists a host that does not pass: {verdict}.");
    }
}
