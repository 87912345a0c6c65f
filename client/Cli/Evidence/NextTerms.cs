using Veil.Attestation;

namespace Veil.ClientCli.Evidence;

/// <summary>What will change for hosts: what is accepted, what their manufacturers say of them, or both.</summary>
/// <param name="Policy">What will be accepted; null where that stays as it is.</param>
/// <param name="Collateral">Newer collateral, one set for each kind of platform; empty where each host keeps its own.</param>
internal sealed record NextTerms(AppraisalPolicy? Policy, IReadOnlyList<IReadOnlyList<Endorsement>> Collateral)
{
    /// <summary>"next policy", "next collateral" or "next policy and collateral".</summary>
    public string Name => Policy is null ? "next collateral" : Collateral.Count == 0 ? "next policy" : "next policy and collateral";

    /// <summary>What becomes of a host under them; null where they change nothing for it.</summary>
    public Prospect? Of(EvidenceFile host, AppraisalPolicy? policy, DateTimeOffset now, DateTimeOffset horizon)
    {
        EvidenceFile? renewed = Renew(host, Policy ?? policy, now);
        return renewed is null && Policy is null ? null : Prospect.Of(renewed ?? host, Policy ?? policy, now, horizon);
    }

    /// <summary>
    /// The host with the set whose TCB info is for its platform, and with what sets without TCB info have for it, lists above all. Where no TCB info is for it, it gets one all the same and is
    /// refused by name, rather than accepted by what it will not have.
    /// </summary>
    private EvidenceFile? Renew(EvidenceFile host, AppraisalPolicy? policy, DateTimeOffset now)
    {
        EvidenceFile[] candidates = [.. Collateral.Where(set => HasTcbInfo(set) && host.IsTdx).Select(host.Renewed).OfType<EvidenceFile>()];
        EvidenceFile? renewed = candidates.Length < 2 ? candidates.FirstOrDefault() : candidates.OrderByDescending(candidate => Fit(candidate.AppraiseMachine(policy, now))).First();
        foreach (IReadOnlyList<Endorsement> others in Collateral.Where(set => !HasTcbInfo(set) || !host.IsTdx))
            renewed = (renewed ?? host).Renewed(others) ?? renewed;
        return renewed;
    }

    private static bool HasTcbInfo(IReadOnlyList<Endorsement> set) => set.Any(endorsement => endorsement.MediaType == Endorsement.TdxTcbInfoMediaType);

    /// <summary>2 for collateral of this platform, 1 where an earlier check kept it from being asked, 0 for that of another.</summary>
    private static int Fit(Verdict verdict) => verdict.Checks.FirstOrDefault(check => check.Name == CheckNames.CollateralPlatform)?.Outcome switch
    {
        CheckOutcome.Passed => 2,
        CheckOutcome.Failed => 0,
        _ => 1,
    };
}
