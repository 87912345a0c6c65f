namespace Veil.Proofs.Issuer;

/// <summary>
/// A token is accepted exactly once over kills of the issuer and retries of the gateways, counted from the gateways' side and from the store: see
/// <see cref="RedemptionTrial"/>.
/// </summary>
public sealed class AtMostOnceProof : IProof
{
    /// <inheritdoc/>
    public string Name => "at-most-once";

    /// <inheritdoc/>
    public string Description => "kills of the issuer between and inside redemptions lose no token and double none";

    /// <inheritdoc/>
    public int Minutes => 25;

    /// <inheritdoc/>
    public async Task<ProofResult> RunAsync(ProofContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        int redemptions = context.Size(full: 1_000_000, small: 4_000);
        int kills = context.Size(full: 20, small: 4);
        using var mint = new TokenMint();
        byte[][] tokens = mint.Mint(RedemptionPlan.TokensFor(redemptions), context.Cancellation);
        context.Progress($"{tokens.Length} tokens made");

        await using IIssuerDeployment deployment = await SqliteDeployment.StartAsync(mint);
        RedemptionPlan plan = RedemptionPlan.Create(tokens, redemptions, context.Random);
        (bool holds, Dictionary<string, object> figures) = await new RedemptionTrial(context, "sqlite").RunAsync(deployment, plan, kills);
        return new ProofResult(
            holds,
            new Dictionary<string, object> { ["redemptions"] = redemptions, ["tokens"] = tokens.Length, ["gateways"] = RedemptionPlan.Gateways, ["kills"] = kills },
            figures);
    }
}
