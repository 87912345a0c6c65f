using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Veil.Proofs.Issuer;

/// <summary>
/// Four gateways redeem at once while the issuer's side is struck at random moments. Holds when, at the end, every token was accepted for exactly one redemption,
/// no redemption ever heard two verdicts, every token is refused to anybody new, and the store holds exactly the tokens and nothing else.
/// </summary>
/// <param name="context">Progress and randomness.</param>
/// <param name="name">In front of its figures.</param>
internal sealed class RedemptionTrial(ProofContext context, string name)
{
    /// <summary>Tokens that are presented once more under new ids at the end.</summary>
    private const int MaxAudited = 20_000;
    private readonly Traffic _traffic = new();

    /// <summary>Configures an issuer for the gateways of a plan.</summary>
    public static void AllowGateways(JsonObject configuration) => configuration["Redemption"]!["Gateways"] = new JsonArray(
    [
        .. Enumerable.Range(0, RedemptionPlan.Gateways).Select(number => new JsonObject
        {
            ["Name"] = ProvingGateway.Name(number),
            ["TokenSha256"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ProvingGateway.Secret(number)))),
        }),
    ]);

    /// <summary>Runs the plan.</summary>
    /// <param name="deployment">Fresh: nothing was spent there.</param>
    /// <param name="plan">What is presented.</param>
    /// <param name="strikes">How often something is killed.</param>
    /// <returns>True when it holds, and what was counted.</returns>
    public async Task<(bool Holds, Dictionary<string, object> Figures)> RunAsync(IIssuerDeployment deployment, RedemptionPlan plan, int strikes)
    {
        var clock = Stopwatch.StartNew();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.Cancellation);
        Task striking = StrikeAsync(deployment, plan.Redemptions.Count, strikes);
        Task[] gateways =
        [
            .. plan.Calls.Select((calls, number) =>
                new ProvingGateway(number, deployment.Issuers, _traffic, new Random(context.Random.Next())).RunAsync(calls, plan.Tokens, stop.Token)),
        ];
        Task first = await Task.WhenAny([striking, .. gateways]);
        if (first.IsFaulted)
            await stop.CancelAsync();
        await Task.WhenAll([striking, .. gateways]);
        double seconds = clock.Elapsed.TotalSeconds;

        int forgotten = await AuditAsync(deployment.Issuers[0], plan);
        IReadOnlyList<byte[]> stored = await deployment.ReadSpentAsync();
        return Judge(plan, stored, strikes, forgotten, seconds);
    }

    /// <summary>At random counts of answers, one in each equal part of the traffic, and then a moment later: calls are under way then, in every stage.</summary>
    private async Task StrikeAsync(IIssuerDeployment deployment, int redemptions, int strikes)
    {
        double share = 0.9 * redemptions / strikes;
        for (int strike = 0; strike < strikes; strike++)
        {
            await _traffic.ReachAsync((int)((strike + context.Random.NextDouble()) * share)).WaitAsync(context.Cancellation);
            await Task.Delay(TimeSpan.FromMilliseconds(context.Random.NextDouble() * 5), context.Cancellation);
            await deployment.StrikeAsync(context.Random);
            context.Progress($"{name}: {strike + 1} of {strikes} kills, {_traffic.AnsweredRedemptions} of {redemptions} redemptions answered, {_traffic.InterruptedCalls} calls interrupted");
        }
    }

    /// <summary>Tokens that are not refused to a gateway with new ids.</summary>
    private async Task<int> AuditAsync(IssuerProcess issuer, RedemptionPlan plan)
    {
        using var client = new IssuerClient();
        byte[][] sample = plan.Tokens.Length > MaxAudited ? context.Random.GetItems(plan.Tokens, MaxAudited) : plan.Tokens;
        int forgotten = 0;
        foreach (byte[][] tokens in sample.Chunk(500))
        {
            string[] verdicts = await client.RedeemAsync(issuer.Address, tokens.Select(token => (token, IssuerClient.NewId())), ProvingGateway.Secret(0));
            forgotten += verdicts.Count(verdict => verdict != "spent");
        }

        return forgotten;
    }

    private (bool Holds, Dictionary<string, object> Figures) Judge(RedemptionPlan plan, IReadOnlyList<byte[]> stored, int strikes, int forgotten, double seconds)
    {
        int[] acceptances = new int[plan.Tokens.Length];
        foreach (PlannedRedemption redemption in plan.Redemptions.Where(redemption => redemption.Verdict == "accepted"))
        {
            acceptances[redemption.Token]++;
        }

        HashSet<UInt128> presented = [.. plan.Tokens.Select(token => Short(SHA256.HashData(token)))];
        int accepted = acceptances.Count(count => count == 1);
        int lost = acceptances.Count(count => count == 0);
        int doubled = acceptances.Count(count => count > 1);
        int contradicted = plan.Redemptions.Count(redemption => redemption.IsContradicted);
        int unexpected = plan.Redemptions.Count(redemption => redemption.Verdict is not ("accepted" or "spent"));
        int strangers = stored.Count(hash => !presented.Contains(Short(hash)));
        bool holds = accepted == plan.Tokens.Length && stored.Count == plan.Tokens.Length
            && (lost, doubled, contradicted, unexpected, strangers, forgotten) is (0, 0, 0, 0, 0, 0) && _traffic.InterruptedCalls >= strikes;
        context.Progress($"{name}: {(holds ? "holds" : "DOES NOT HOLD")} after {seconds:0} s");
        return (holds, new Dictionary<string, object>
        {
            [$"{name}_redemptions"] = plan.Redemptions.Count,
            [$"{name}_tokens"] = plan.Tokens.Length,
            [$"{name}_kills"] = strikes,
            [$"{name}_accepted_exactly_once"] = accepted,
            [$"{name}_lost"] = lost,
            [$"{name}_doubled"] = doubled,
            [$"{name}_given_two_verdicts"] = contradicted,
            [$"{name}_given_another_verdict"] = unexpected,
            [$"{name}_not_refused_after_the_end"] = forgotten,
            [$"{name}_rows_in_the_store"] = stored.Count,
            [$"{name}_rows_of_no_token"] = strangers,
            [$"{name}_calls_interrupted"] = _traffic.InterruptedCalls,
            [$"{name}_seconds"] = Math.Round(seconds),
        });
    }

    private static UInt128 Short(ReadOnlySpan<byte> hash) => System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash);
}
