using Veil.Gateway.Tokens;

namespace Veil.Gateway.Redemption;

/// <summary>The proof that a request was paid for: the issuer accepted each of its tokens for this request and no other.</summary>
internal sealed class RedeemedTokens
{
    private RedeemedTokens(int units) => Units = units;

    /// <summary>How many units of work they bought.</summary>
    public int Units { get; }

    /// <summary>
    /// Spends the tokens of one inbound request, all in one call and under one id. When the issuer refuses one of them the request is refused, and those that it
    /// accepted are spent: it keeps no reservation that could be given back.
    /// </summary>
    /// <returns>The proof, or <see cref="Refusal.TokenRequired"/> when one was not accepted, or <see cref="Refusal.IssuerUnavailable"/>.</returns>
    public static async ValueTask<(RedeemedTokens? Tokens, Refusal Refusal)> RedeemAsync(VerifiedTokens tokens, RedemptionClient issuer) =>
        await issuer.RedeemAsync(tokens.Tokens, RedemptionId.Draw()) switch
        {
            RedemptionVerdict.Accepted => (new(tokens.Units), Refusal.None),
            RedemptionVerdict.Unavailable => (null, Refusal.IssuerUnavailable),
            _ => (null, Refusal.TokenRequired),
        };
}
