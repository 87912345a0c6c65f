using System.Security.Cryptography;
using Veil.PrivacyPass;

namespace Veil.Issuer;

/// <summary>
/// Gives each presented token its verdict. The authenticator is verified before the store is asked, so that forged tokens cannot fill it; one commit covers
/// a whole call.
/// </summary>
internal sealed class Redeemer(IssuerKeyRing ring, ISpentTokenStore store)
{
    /// <exception cref="StoreUnavailableException">Nothing was accepted for sure; the same ids may be sent again.</exception>
    public async Task<Verdict[]> RedeemAsync(IReadOnlyList<PresentedToken> presented, string gateway, DateTimeOffset now)
    {
        var verdicts = new Verdict[presented.Count];
        var verified = new List<int>();
        var unverifiable = new List<int>();
        var redemptions = new Redemption[presented.Count];
        IssuerKeys keys = ring.Keys;
        for (int i = 0; i < verdicts.Length; i++)
        {
            if (!Token.TryParse(presented[i].Token, out Token? token, out _))
            {
                verdicts[i] = Verdict.Invalid;
                continue;
            }

            redemptions[i] = new Redemption(TokenPartition.Of(token.KeyId), SHA256.HashData(token.Encoded), presented[i].RedemptionId);
            if (keys.ForRedeeming(token, now) is not { } key)
                unverifiable.Add(i);
            else if (key.Key.Verify(token))
                verified.Add(i);
            else
                verdicts[i] = Verdict.Invalid;
        }

        await SpendAsync(verdicts, verified, redemptions, gateway, now).ConfigureAwait(false);
        await RecallAsync(verdicts, unverifiable, redemptions, gateway, now).ConfigureAwait(false);
        return verdicts;
    }

    private async Task SpendAsync(Verdict[] verdicts, List<int> verified, Redemption[] redemptions, string gateway, DateTimeOffset now)
    {
        if (verified.Count == 0)
            return;

        IReadOnlyList<Verdict> answers = await store.SpendAsync([.. verified.Select(index => redemptions[index])], gateway, now).ConfigureAwait(false);
        for (int i = 0; i < verified.Count; i++)
        {
            verdicts[verified[i]] = answers[i];
        }
    }

    /// <summary>A retry may come after its key's end: what was accepted within the memory stays accepted.</summary>
    private async Task RecallAsync(Verdict[] verdicts, List<int> unverifiable, Redemption[] redemptions, string gateway, DateTimeOffset now)
    {
        if (unverifiable.Count == 0)
            return;

        IReadOnlyList<bool> accepted = await store.RecallAsync([.. unverifiable.Select(index => redemptions[index])], gateway, now).ConfigureAwait(false);
        for (int i = 0; i < unverifiable.Count; i++)
        {
            int index = unverifiable[i];
            verdicts[index] = accepted[i] ? Verdict.Accepted
                : store.IsRetired(redemptions[index].Partition) || IsOutOfGrace(redemptions[index]) ? Verdict.Expired
                : Verdict.UnknownKey;
        }
    }

    /// <summary>A key that this process still holds although its time is over, until the next refresh.</summary>
    private bool IsOutOfGrace(Redemption redemption) => ring.Keys.Live.Grace.Any(key => key.Key.Partition == redemption.Partition);
}
