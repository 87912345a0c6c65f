namespace Veil.Proofs.Issuer;

/// <summary>
/// A token is accepted exactly once over kills of the issuer and retries of the gateways, counted from the gateways' side and from the store: see
/// <see cref="RedemptionTrial"/>. On SQLite, on PostgreSQL with two replicas, and over a failover of PostgreSQL.
/// </summary>
public sealed class AtMostOnceProof : IProof
{
    /// <inheritdoc/>
    public string Name => "at-most-once";

    /// <inheritdoc/>
    public string Description => "kills of issuers and of their database between and inside redemptions lose no token and double none";

    /// <inheritdoc/>
    public int Minutes => 8;

    /// <inheritdoc/>
    public async Task<ProofResult> RunAsync(ProofContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        using var mint = new TokenMint();
        byte[][] tokens = mint.Mint(RedemptionPlan.TokensFor(Redemptions(context)), context.Cancellation);
        context.Progress($"{tokens.Length} tokens made");
        ProofResult[] results = [await OnSqliteAsync(context, mint, tokens), await OnPostgresAsync(context, mint, tokens), await OverAFailoverAsync(context, mint, tokens), await TraceAsync(context)];
        return new ProofResult(results.All(result => result.Passed), Merge(results.Select(result => result.Parameters)), Merge(results.Select(result => result.Figures)));
    }

    /// <summary>One issuer on SQLite.</summary>
    public static Task<ProofResult> OnSqliteAsync(ProofContext context) => WithTokensAsync(context, OnSqliteAsync);

    /// <summary>Two replicas on PostgreSQL.</summary>
    public static Task<ProofResult> OnPostgresAsync(ProofContext context) => WithTokensAsync(context, OnPostgresAsync);

    /// <summary>Two replicas on PostgreSQL with a synchronous standby, whose primary is killed.</summary>
    public static Task<ProofResult> OverAFailoverAsync(ProofContext context) => WithTokensAsync(context, OverAFailoverAsync);

    private static int Redemptions(ProofContext context) => context.Size(full: 1_000_000, small: 3_000);

    private static int Kills(ProofContext context) => context.Size(full: 20, small: 4);

    private static Task<ProofResult> OnSqliteAsync(ProofContext context, TokenMint mint, byte[][] tokens) =>
        TryAsync(context, "sqlite", () => SqliteDeployment.StartAsync(mint), tokens, Redemptions(context), Kills(context));

    private static Task<ProofResult> OnPostgresAsync(ProofContext context, TokenMint mint, byte[][] tokens) =>
        TryAsync(context, "postgres", () => PostgresDeployment.StartAsync(mint), tokens, Redemptions(context), Kills(context));

    /// <summary>The trace of system calls is part of the record where this system lets us trace.</summary>
    private static async Task<ProofResult> TraceAsync(ProofContext context)
    {
        if (!await DurabilityTrial.CanTraceAsync())
        {
            context.Progress("strace is not installed, or this sandbox does not let it trace: no system calls are read");
            return new ProofResult(true, new Dictionary<string, object>(), new Dictionary<string, object>());
        }

        (int onSqlite, int sqliteUnsynced) = await DurabilityTrial.OnSqliteAsync();
        (int onPostgres, int postgresUnsynced) = await DurabilityTrial.OnPostgresAsync();
        return new ProofResult(
            (onSqlite, sqliteUnsynced, onPostgres, postgresUnsynced) is (DurabilityTrial.Calls, 0, DurabilityTrial.Calls, 0),
            new Dictionary<string, object>(),
            new Dictionary<string, object>
            {
                ["sqlite_answers_traced"] = onSqlite,
                ["sqlite_answers_before_their_sync"] = sqliteUnsynced,
                ["postgres_answers_traced"] = onPostgres,
                ["postgres_answers_before_their_sync"] = postgresUnsynced,
            });
    }

    /// <summary>As many redemptions with fewer kills, of which one is the primary's: there is but one standby.</summary>
    private static Task<ProofResult> OverAFailoverAsync(ProofContext context, TokenMint mint, byte[][] tokens)
    {
        int kills = context.Size(full: 5, small: 3);
        return TryAsync(context, "failover", () => PostgresDeployment.StartWithStandbyAsync(mint, strikeAtThePrimary: kills / 2), tokens, Redemptions(context), kills);
    }

    private static async Task<ProofResult> WithTokensAsync(ProofContext context, Func<ProofContext, TokenMint, byte[][], Task<ProofResult>> variant)
    {
        ArgumentNullException.ThrowIfNull(context);
        using var mint = new TokenMint();
        return await variant(context, mint, mint.Mint(RedemptionPlan.TokensFor(Redemptions(context)), context.Cancellation));
    }

    private static async Task<ProofResult> TryAsync(
        ProofContext context, string name, Func<Task<IIssuerDeployment>> start, byte[][] tokens, int redemptions, int kills)
    {
        await using IIssuerDeployment deployment = await start();
        RedemptionPlan plan = RedemptionPlan.Create(tokens[..RedemptionPlan.TokensFor(redemptions)], redemptions, context.Random);
        return await new RedemptionTrial(context, name).RunAsync(deployment, plan, kills);
    }

    private static Dictionary<string, object> Merge(IEnumerable<IReadOnlyDictionary<string, object>> parts) => parts.SelectMany(part => part).ToDictionary();
}
