using Veil.Gateway.Tokens;

namespace Veil.Gateway.Redemption;

/// <summary>The proof that a request was paid for: the issuer accepted each of its tokens for this request and no other.</summary>
internal sealed class RedeemedTokens
{
    private RedeemedTokens()
    {
    }

    /// <summary>Spends the tokens of one inbound request, all in one call.</summary>
    /// <returns>The proof, or <see cref="Refusal.TokenRequired"/> when one was not accepted, or <see cref="Refusal.IssuerUnavailable"/>.</returns>
    public static async ValueTask<(RedeemedTokens? Tokens, Refusal Refusal)> RedeemAsync(VerifiedTokens tokens, RedemptionClient issuer)
    {
        RedemptionId id = RedemptionId.Draw();
        Task<RedemptionVerdict>[] verdicts = [.. tokens.Tokens.Select(token => issuer.RedeemAsync(token, id))];
        bool accepted = true;
        foreach (Task<RedemptionVerdict> pending in verdicts)
        {
            RedemptionVerdict verdict = await pending;
            if (verdict is RedemptionVerdict.Unavailable)
                return (null, Refusal.IssuerUnavailable);
            accepted &= verdict is RedemptionVerdict.Accepted;
        }

        return accepted ? (new(), Refusal.None) : (null, Refusal.TokenRequired);
    }
}
