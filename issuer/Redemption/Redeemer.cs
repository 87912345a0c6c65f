using System.Text;
using Veil.PrivacyPass;

namespace Veil.Issuer;

/// <summary>
/// Gives each presented token its verdict. The authenticator is verified before the store is asked, so that forged tokens cannot fill it; one commit covers
/// a whole call.
/// </summary>
internal sealed class Redeemer(IssuerKeyRing ring, ISpentTokenStore store)
{
    /// <summary>Tokens that one thread verifies in turn: some half a millisecond of type 2, many times what it costs to hand them over.</summary>
    private const int VerifiedInTurn = 32;

    /// <exception cref="StoreUnavailableException">Nothing was accepted for sure; the same ids may be sent again.</exception>
    public async Task<Verdict[]> RedeemAsync(IReadOnlyList<PresentedToken> presented, string gateway, DateTimeOffset now)
    {
        var examined = new Examined[presented.Count];
        Examine(presented, examined, ring.Keys, Encoding.UTF8.GetBytes(gateway), now);
        var verdicts = new Verdict[presented.Count];
        Array.Fill(verdicts, Verdict.Invalid);
        await SpendAsync(verdicts, examined, now).ConfigureAwait(false);
        await RecallAsync(verdicts, examined, now).ConfigureAwait(false);
        return verdicts;
    }

    private static void Examine(IReadOnlyList<PresentedToken> presented, Examined[] results, IssuerKeys keys, byte[] gateway, DateTimeOffset now)
    {
        int turns = (results.Length + VerifiedInTurn - 1) / VerifiedInTurn;
        if (turns == 1)
            Turn(0);
        else
            Parallel.For(0, turns, Turn);

        void Turn(int turn)
        {
            int start = turn * VerifiedInTurn;
            var claims = new Claim[Math.Min(VerifiedInTurn, results.Length - start)];
            for (int i = 0; i < claims.Length; i++)
            {
                if (Token.TryParse(presented[start + i].Token.Span, out Token? token, out _))
                    claims[i] = new(token, keys.ForRedeeming(token, now));
            }

            bool[] holds = Verify(claims);
            for (int i = 0; i < claims.Length; i++)
                results[start + i] = Examine(presented[start + i], claims[i], holds[i], gateway);
        }
    }

    /// <summary>Says which of the tokens were issued by their key. Those of one key are verified together.</summary>
    private static bool[] Verify(Claim[] claims)
    {
        var holds = new bool[claims.Length];
        foreach (IGrouping<IssuerKey?, int> places in Enumerable.Range(0, claims.Length).GroupBy(place => claims[place].Key))
        {
            if (places.Key is null)
                continue;

            Token[] tokens = [.. places.Select(place => claims[place].Token!)];
            var verdicts = new bool[tokens.Length];
            places.Key.Key.Verify(tokens, verdicts);
            foreach ((int place, bool verdict) in places.Zip(verdicts))
                holds[place] = verdict;
        }

        return holds;
    }

    private static Examined Examine(in PresentedToken presented, in Claim claim, bool holds, byte[] gateway)
    {
        if (claim.Token is not { } token || (claim.Key is not null && !holds))
            return default;
        var redemption = Redemption.Of(TokenPartition.Of(token.KeyId), token.Encoded, presented.RedemptionId.Span, gateway);
        return new Examined(redemption, IsVerified: claim.Key is not null, IsUnverifiable: claim.Key is null);
    }

    private async Task SpendAsync(Verdict[] verdicts, Examined[] tokens, DateTimeOffset now)
    {
        Redemption[] verified = [.. tokens.Where(token => token.IsVerified).Select(token => token.Redemption)];
        if (verified.Length == 0)
            return;

        Verdict[] answers = await store.SpendAsync(verified, now).ConfigureAwait(false);
        for (int i = 0, next = 0; i < verdicts.Length; i++)
        {
            if (tokens[i].IsVerified)
                verdicts[i] = answers[next++];
        }
    }

    /// <summary>A retry may come after its key's end: what was accepted within the memory stays accepted.</summary>
    private async Task RecallAsync(Verdict[] verdicts, Examined[] tokens, DateTimeOffset now)
    {
        Redemption[] unverifiable = [.. tokens.Where(token => token.IsUnverifiable).Select(token => token.Redemption)];
        if (unverifiable.Length == 0)
            return;

        bool[] accepted = await store.RecallAsync(unverifiable, now).ConfigureAwait(false);
        for (int i = 0, next = 0; i < verdicts.Length; i++)
        {
            if (!tokens[i].IsUnverifiable)
                continue;
            verdicts[i] = accepted[next++] ? Verdict.Accepted
                : store.IsRetired(tokens[i].Redemption.Partition) || IsOutOfGrace(tokens[i].Redemption) ? Verdict.Expired
                : Verdict.UnknownKey;
        }
    }

    /// <summary>A key that this process still holds although its time is over, until the next refresh.</summary>
    private bool IsOutOfGrace(Redemption redemption) => ring.Keys.Live.Grace.Any(key => key.Key.Partition == redemption.Partition);

    /// <summary>A presented token and the key that it says it is of: no token where the bytes are none, no key where none is in force.</summary>
    private readonly record struct Claim(Token? Token, IssuerKey? Key);

    /// <summary>What is known of a presented token before the store is asked: nothing of one that is invalid.</summary>
    private readonly record struct Examined(Redemption Redemption, bool IsVerified, bool IsUnverifiable);
}
